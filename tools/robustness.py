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
        default=[],
        metavar='NAME[:KEY=VALUE,...]',
        help='the columns, see below',
    )
    parser.add_argument(
        '--beside',
        metavar='FILE',
        help='a table that others have published, such as those in configs/partkd/robustness/: '
        'its columns come first, its figures are rows of the report',
    )
    parser.add_argument('--work-dir', default='work_dirs/robustness', help='where all of it goes')
    add_config_options(parser)
    args = parser.parse_args()
    if not (args.degrade or args.beside):
        parser.error('give --degrade, or --beside, or both')
    robustness(
        {name: (config, checkpoint) for name, config, checkpoint in args.model},
        args.degrade,
        args.work_dir,
        args.cfg_options,
        args.beside,
    )


if __name__ == '__main__':
    main()
