"""What the command lines of the benchmarks share."""

import argparse
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from partkd.files import write_atomically


def main(benchmark: Callable[..., Any]) -> None:
    """Run a benchmark from the command line, with an option for each of its arguments.

    Args:
        benchmark (Callable): Its arguments have defaults; it returns something with
            ``report()``, or a list of such things.
    """
    parser = argparse.ArgumentParser(description=inspect.getdoc(benchmark).split('\n')[0])
    for name, parameter in inspect.signature(benchmark).parameters.items():
        option = f'--{name.replace("_", "-")}'
        default = parameter.default
        parser.add_argument(option, type=type(default), default=default, help=f'default {default}')
    parser.add_argument('--out', metavar='FILE', type=Path, help='write the report here as well')
    arguments = vars(parser.parse_args())
    out = arguments.pop('out')
    results = benchmark(**arguments)
    results = results if isinstance(results, list) else [results]
    report = '\n'.join(result.report() for result in results)
    print(f'\n{report}')
    if out:
        write_atomically(out, report)
