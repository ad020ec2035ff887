"""Generate the demo's motions: ``python tools/data/make_synthetic.py data/demo``."""

import argparse

from partkd.configuration import one_line_errors
from partkd.datasets.synthetic import make_synthetic


@one_line_errors()
def main() -> None:
    """Parse the command line and generate."""
    parser = argparse.ArgumentParser(
        description='Generate motions as two annotation files: 25 Kinect joints in 3D, and 17 COCO '
        'joints in 2D as a poor estimator would see them'
    )
    parser.add_argument('out_dir', help='folder for the files')
    parser.add_argument('--num-subjects', type=int, default=10, help='people (default: 10)')
    parser.add_argument(
        '--repeats', type=int, default=2, help='how often each does each action (default: 2)'
    )
    parser.add_argument('--seed', type=int, default=0, help='random seed (default: 0)')
    args = parser.parse_args()
    files = make_synthetic(args.out_dir, args.num_subjects, args.repeats, args.seed)
    for side, file in files.items():
        print(f'{side}: {file}')


if __name__ == '__main__':
    main()
