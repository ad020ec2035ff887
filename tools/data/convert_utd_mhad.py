"""Makes an annotation pickle from UTD-MHAD's ``.mat`` skeletons."""

import argparse

from partkd.datasets.converters import convert_utd_mhad


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('mat_dir', help='folder of a1_s1_t1_skeleton.mat and the others')
    parser.add_argument('out_file', help='annotation pickle to write')
    return parser.parse_args()


if __name__ == '__main__':
    args = parse_args()
    convert_utd_mhad(args.mat_dir, args.out_file)
