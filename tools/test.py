"""Test a model: ``python tools/test.py CONFIG CHECKPOINT``."""

import argparse

from partkd.apis import test
from partkd.configuration import add_config_options, add_launcher, one_line_errors


@one_line_errors()
def main() -> None:
    """Parse the command line and test."""
    parser = argparse.ArgumentParser(
        description='Test a recogniser. A distilled student is tested alone, without its teacher'
    )
    parser.add_argument('config', help='the config')
    parser.add_argument('checkpoint', help='the weights')
    parser.add_argument('--work-dir', help='where logs go')
    parser.add_argument('--dump', metavar='FILE', help='pickle file for the predictions')
    parser.add_argument(
        '--per-class',
        metavar='FOLDER',
        help='accuracy of each class, and which is taken for which: two tables and a picture',
    )
    parser.add_argument(
        '--occlusion', type=float, metavar='P', help='occlude joints with this probability'
    )
    parser.add_argument(
        '--occlusion-scope',
        choices=['frame', 'clip', 'part'],
        default='frame',
        help='what is occluded at once: a joint in a frame, in the whole clip, or a body part',
    )
    parser.add_argument(
        '--degrade',
        nargs='+',
        default=[],
        metavar='NAME[:KEY=VALUE,...]',
        help='degrade the input, by one after the other; tools/robustness.py --help names them',
    )
    add_config_options(parser)
    add_launcher(parser)
    args = parser.parse_args()
    test(
        args.config,
        args.checkpoint,
        work_dir=args.work_dir,
        dump=args.dump,
        per_class=args.per_class,
        occlusion=args.occlusion,
        occlusion_scope=args.occlusion_scope,
        degrade=args.degrade,
        launcher=args.launcher,
        options=args.cfg_options,
    )


if __name__ == '__main__':
    main()
