"""Command line arguments that several tools share."""

import argparse
import errno
import functools
import os
import re
import sys
from collections.abc import Callable
from typing import Any

from mmengine.config import DictAction

TRACEBACK = 'PARTKD_TRACEBACK'
# What a builder says of a setting that does not exist, or of a type: of other kinds, but expected.
_OF_A_SETTING = re.compile(
    r'unexpected keyword argument|required positional|is not in the .*regist'
)


def one_line_errors(go_on: str = '') -> Callable[[Callable[[], None]], Callable[[], None]]:
    """A decorator of a tool, whose last line is then the error of a user and not a traceback.

    An error that is none of a user, such as an ``AttributeError``, keeps its traceback; with
    ``PARTKD_TRACEBACK=1`` in the environment all do.

    Args:
        go_on (str): How a call that was interrupted goes on. Defaults to '', it does not.

    Returns:
        Callable: The decorator.
    """

    def decorate(main: Callable[[], None]) -> Callable[[], None]:
        @functools.wraps(main)
        def run() -> None:
            try:
                main()
            except KeyboardInterrupt as error:
                print(
                    ': '.join(filter(None, [str(error) or 'interrupted', go_on])), file=sys.stderr
                )
                sys.exit(130)
            except Exception as error:
                if os.environ.get(TRACEBACK) or not _is_expected(error):
                    raise
                sys.exit(f'error: {_text(error)}')

        return run

    return decorate


def _is_expected(error: Exception) -> bool:
    if isinstance(error, ValueError | OSError | ImportError):
        return True
    named = type(error).__module__.startswith('partkd.')  # SweepError, CheckpointError, ...
    return named or bool(_OF_A_SETTING.search(str(error)))


def _text(error: Exception) -> str:
    """A ``KeyError`` shows its text in quotes, and a library's of a full disk names no remedy."""
    text = str(error.args[0] if isinstance(error, KeyError) else error).strip()
    is_full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return f'{text}: make room for the outputs, or name another place' if is_full else text


class KeyValueAction(DictAction):
    """mmengine's, which ends in an error about its own code where an option has no ``=``."""

    def __call__(self, parser: argparse.ArgumentParser, *args: Any, **kwargs: Any) -> None:
        try:
            super().__call__(parser, *args, **kwargs)
        except ValueError as error:
            option = '/'.join(self.option_strings)
            parser.error(f'argument {option}: give KEY=VALUE, as model.layout=coco ({error})')


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--cfg-options``, mmengine's way to override a config from the command line.

    Args:
        parser (argparse.ArgumentParser): The tool's parser.
    """
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=KeyValueAction,
        metavar='KEY=VALUE',
        help='override settings of the config: key=value, nested keys with dots, lists as '
        'key="[a,b]" without white space',
    )


def add_launcher(parser: argparse.ArgumentParser) -> None:
    """Add ``--launcher`` and ``--local_rank``.

    Args:
        parser (argparse.ArgumentParser): The tool's parser.
    """
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='what starts the processes of distributed training; dist_train.sh sets it',
    )
    parser.add_argument(
        '--local_rank',
        '--local-rank',
        type=_set_local_rank,
        help='set by launchers that do not set LOCAL_RANK',
    )


def _set_local_rank(rank: str) -> int:
    os.environ.setdefault('LOCAL_RANK', rank)
    return int(rank)
