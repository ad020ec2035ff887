"""Models under degradations: ``python tools/robustness.py --model NAME CONFIG CHECKPOINT
--degrade joints frames``."""

import argparse

from partkd.apis import robustness
from partkd.configuration import (
    add_config_options,
    describe_degradations,
    one_line_errors,
)


@one_line_errors()
def main() -> None:
    """Parse the command line and test."""
    parser = argparse.ArgumentParser(
        description='Test models on clips as they are and under each degradation, and write the '
        'matrix as a report, a record and a picture',
        epilog=describe_degradations(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        '--model',
        nargs=3,
        action='append',
        required=True,
        metavar=('NAME', 'CONFIG', 'CHECKPOINT'),
        help='a row of the matrix; several times for several models',
    )
    parser.add_argument(
        '--degrade',
        nargs='+',
        required=True,
        metavar='NAME[:KEY=VALUE,...]',
        help='the columns, see below',
    )
    parser.add_argument('--work-dir', default='work_dirs/robustness', help='where all of it goes')
    add_config_options(parser)
    args = parser.parse_args()
    robustness(
        {name: (config, checkpoint) for name, config, checkpoint in args.model},
        args.degrade,
        args.work_dir,
        args.cfg_options,
    )


if __name__ == '__main__':
    main()
