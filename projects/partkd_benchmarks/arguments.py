"""One command line for all benchmarks."""

import argparse
import inspect
from collections.abc import Callable
from typing import Any

from mmengine.logging import MMLogger

from partkd.files import write_atomically


def main(benchmark: Callable[..., Any]) -> None:
    """Run a benchmark from the command line, with an option for each of its arguments.

    Args:
        benchmark (Callable): What to run. Its arguments have defaults, which say their types; its
            docstring is the help. It returns something with ``report()``, or a list of such things.
    """
    parser = argparse.ArgumentParser(
        description=inspect.getdoc(benchmark), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = inspect.signature(benchmark).parameters
    for name, parameter in names.items():
        default = parameter.default
        how = dict(action='store_true') if default is False else dict(type=type(default))
        parser.add_argument(f'--{name.replace("_", "-")}', default=default, **how)
    parser.add_argument('--out', help='a markdown file that the report is written to as well')
    args = parser.parse_args()
    # What models log while they are built is no part of the report.
    MMLogger.get_current_instance().setLevel('WARNING')
    results = benchmark(**{name: getattr(args, name) for name in names})
    results = results if isinstance(results, list) else [results]
    report = '\n'.join(result.report() for result in results)
    print(report)
    if args.out:
        write_atomically(args.out, report)
