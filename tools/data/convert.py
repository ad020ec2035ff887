"""Convert a publisher's files to an annotation file: ``convert.py NAME SRC OUT``."""

import argparse
import os
import sys
from pathlib import Path

from mmengine.config import DictAction

from partkd.configuration import one_line_errors
from partkd.datasets.converters import convert, converter_list, converter_names


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description="Convert a publisher's files to an annotation file. Interrupted, the same "
        'command goes on; bad files are listed, and the status is 1 where there are any',
        epilog=f'NAME is one of\n{converter_list()}',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('name', metavar='NAME', choices=converter_names(), help='see below')
    parser.add_argument('src', metavar='SRC', help='folder of the files, with folders in it')
    parser.add_argument('out', metavar='OUT', help='annotation pickle to write')
    parser.add_argument(
        '--ignore', type=Path, metavar='FILE', help='text file of clips to leave out, a name a line'
    )
    parser.add_argument(
        '--processes',
        type=int,
        default=os.cpu_count() or 1,
        metavar='N',
        help='how many processes read (default: as many as there are cores)',
    )
    parser.add_argument(
        '--options',
        nargs='+',
        action=DictAction,
        default={},
        metavar='KEY=VALUE',
        help="the converter's own arguments, see docs/data_sets.md",
    )
    return parser.parse_args()


@one_line_errors('the same command goes on')
def main() -> None:
    """Convert, and say what was made."""
    args = parse_args()
    ignore = [line.strip() for line in args.ignore.read_text().splitlines()] if args.ignore else []
    summary = convert(args.name, args.src, args.out, ignore, args.processes, args.options)
    print(summary)
    sys.exit(int(bool(summary.faults)))


if __name__ == '__main__':
    main()
