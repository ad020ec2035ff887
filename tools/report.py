"""Several recipes' results as one page: ``python tools/report.py RESULTS.json ... --out FILE``."""

import argparse

from partkd.configuration import one_line_errors
from partkd.evaluation import Results, merged_report
from partkd.files import require_place, write_atomically


@one_line_errors()
def main() -> None:
    """Parse the command line and write the page."""
    parser = argparse.ArgumentParser(
        description='Write the results.json of tools/distill.py and the .json reports of '
        'tools/sweep.py as sections of one page'
    )
    parser.add_argument('results', nargs='+', metavar='RESULTS.json')
    parser.add_argument('--out', required=True, help='the markdown file to write')
    parser.add_argument('--title', default='Results', help='heading of the page')
    parser.add_argument(
        '--together',
        action='store_true',
        help='a section more: what was left out of all of them as one test',
    )
    args = parser.parse_args()
    require_place(args.out)
    results = [Results.load(file) for file in args.results]
    page = merged_report(results, args.title, args.together)
    write_atomically(args.out, page)
    print(f'wrote {args.out}')


if __name__ == '__main__':
    main()
