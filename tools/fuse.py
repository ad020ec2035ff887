"""Fuse the scores of several streams: ``python tools/fuse.py DUMP DUMP ... --weights 1 1 ...``."""

import argparse

from partkd.apis import fuse
from partkd.configuration import one_line_errors


@one_line_errors()
def main() -> None:
    """Parse the command line and fuse."""
    parser = argparse.ArgumentParser(
        description='Fuse what models of several streams say of the same clips, and write the '
        'figures of each and of the fusion'
    )
    parser.add_argument(
        'dumps', nargs='+', metavar='DUMP', help='what tools/test.py --dump wrote of each stream'
    )
    found = parser.add_mutually_exclusive_group(required=True)
    found.add_argument('--weights', type=float, nargs='+', metavar='W', help='one for each dump')
    found.add_argument(
        '--val',
        nargs='+',
        metavar='DUMP',
        help='dumps of validation clips, in the same order, on which the weights are found',
    )
    parser.add_argument('--work-dir', default='work_dirs/fusion', help='where all of it goes')
    args = parser.parse_args()
    fuse(args.dumps, args.work_dir, weights=args.weights, val=args.val)


if __name__ == '__main__':
    main()
