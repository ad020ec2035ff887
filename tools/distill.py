"""The whole recipe, from teacher to report: ``python tools/distill.py CONFIG``, or
``python tools/distill.py STUDENT --teacher TEACHER``."""

import argparse

from partkd.apis import distill
from partkd.configuration import add_config_options, one_line_errors


@one_line_errors('the same command goes on')
def main() -> None:
    """Parse the command line and distil."""
    parser = argparse.ArgumentParser(
        description='Train teachers and students, test them and report. Interrupted, the same '
        'command goes on'
    )
    parser.add_argument('config', help='config of the distillation, or with --teacher of a student')
    parser.add_argument(
        '--teacher',
        help='config of a teacher, where there is no distillation config: it is trained, and then '
        'three students: with labels alone, with its logits, and with its logits and part features',
    )
    parser.add_argument('--work-dir', help='where all of it goes')
    parser.add_argument('--seeds', type=int, nargs='+', help="instead of the config's")
    parser.add_argument('--students', nargs='+', metavar='NAME', help='only these students')
    parser.add_argument('--conditions', nargs='+', metavar='NAME', help='only these conditions')
    add_config_options(parser)
    args = parser.parse_args()
    distill(
        args.config,
        work_dir=args.work_dir,
        seeds=args.seeds,
        students=args.students,
        conditions=args.conditions,
        options=args.cfg_options,
        teacher=args.teacher,
    )


if __name__ == '__main__':
    main()
