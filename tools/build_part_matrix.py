"""Make the part matrix and the feature bank: ``python tools/build_part_matrix.py CONFIG``."""

import argparse

from partkd.apis import build_teacher_files
from partkd.configuration import add_config_options, one_line_errors


@one_line_errors('the same command goes on')
def main() -> None:
    """Parse the command line and make the files."""
    parser = argparse.ArgumentParser(
        description='Make the part matrix and the feature bank that a distillation config names'
    )
    parser.add_argument('config', help='the distillation config')
    parser.add_argument('--figure', metavar='PNG', help='draw the part matrix')
    add_config_options(parser)
    args = parser.parse_args()
    folder = build_teacher_files(args.config, figure=args.figure, options=args.cfg_options)
    print(f'wrote {folder}')


if __name__ == '__main__':
    main()
