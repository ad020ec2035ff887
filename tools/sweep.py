"""Many variants of a recipe: ``python tools/sweep.py CONFIG --grid FILE --seeds 5``."""

import argparse

from partkd.apis import sweep
from partkd.configuration import add_config_options, one_line_errors


@one_line_errors('the same command goes on')
def main() -> None:
    """Parse the command line and sweep."""
    parser = argparse.ArgumentParser(
        description="Train and test a recipe's students and those of a grid under several seeds, "
        'and report. Interrupted, the same command goes on'
    )
    parser.add_argument('config', help='the distillation config')
    parser.add_argument('--grid', metavar='FILE', help='YAML or JSON: further students')
    parser.add_argument('--seeds', type=int, metavar='N', help="seeds 0 to N - 1, not the config's")
    parser.add_argument('--jobs', type=int, default=1, metavar='N', help='processes at a time')
    parser.add_argument(
        '--leave-out',
        metavar='REGEX',
        help='test on training clips that are left out in turn, grouped by what the first group '
        'of REGEX finds in their names; the test split is not touched',
    )
    parser.add_argument(
        '--all-clips',
        action='store_true',
        help='with --leave-out: of all clips of the files, those of the test split too',
    )
    parser.add_argument('--work-dir', help='where all of it goes')
    parser.add_argument('--students', nargs='+', metavar='NAME', help='only these students')
    parser.add_argument('--conditions', nargs='+', metavar='NAME', help='only these conditions')
    add_config_options(parser)
    args = parser.parse_args()
    sweep(
        args.config,
        grid=args.grid,
        seeds=args.seeds,
        jobs=args.jobs,
        leave_out=args.leave_out,
        all_clips=args.all_clips,
        work_dir=args.work_dir,
        students=args.students,
        conditions=args.conditions,
        options=args.cfg_options,
    )


if __name__ == '__main__':
    main()
