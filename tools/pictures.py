"""All pictures of a finished recipe: ``python tools/pictures.py WORK_DIR``."""

import argparse

from partkd.apis import pictures
from partkd.configuration import one_line_errors


@one_line_errors()
def main() -> None:
    """Parse the command line and draw."""
    parser = argparse.ArgumentParser(
        description='Draw the part matrix, accuracy against occlusion, confusions, classes that '
        'gained and lost, part features and skeletons of what tools/distill.py has trained'
    )
    parser.add_argument('work_dir', help='the folder of tools/distill.py')
    parser.add_argument(
        '--student', metavar='NAME', help='the one to show, instead of the best with a teacher'
    )
    parser.add_argument('--condition', metavar='NAME', help='instead of the first')
    parser.add_argument(
        '--log-to',
        nargs='+',
        default=[],
        choices=['tensorboard', 'wandb'],
        help='where the pictures go beside files; install it first',
    )
    args = parser.parse_args()
    pictures(args.work_dir, args.student, args.condition, args.log_to)


if __name__ == '__main__':
    main()
