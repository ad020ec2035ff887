"""Recognise by the nearest training clips: ``python tools/retrieve.py CONFIG CHECKPOINT``."""

import argparse

from partkd.apis import retrieve
from partkd.configuration import add_config_options, one_line_errors


@one_line_errors()
def main() -> None:
    """Parse the command line and retrieve."""
    parser = argparse.ArgumentParser(
        description='Test an encoder without a classifier: each test clip is told by the training '
        'clips that are most like it'
    )
    parser.add_argument('config', help='the config of a recogniser')
    parser.add_argument(
        'checkpoint', help='its weights, or those of a training without labels of its encoder'
    )
    parser.add_argument('--work-dir', help='where figures and logs go')
    parser.add_argument(
        '--neighbours', type=int, default=1, metavar='K', help='training clips that vote'
    )
    add_config_options(parser)
    args = parser.parse_args()
    retrieve(
        args.config,
        args.checkpoint,
        work_dir=args.work_dir,
        neighbours=args.neighbours,
        options=args.cfg_options,
    )


if __name__ == '__main__':
    main()
