"""What became of an input."""

import contextlib
import dis
import io
import logging
import re
import resource
import signal
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from .corpus import HARMLESS, REFUSED, TAKEN, Input, WrongResultError

NAMED, HARMED_NOTHING = 'named', 'harmless'
RAW, SILENT, WRONGLY, HANGS, MEMORY = 'raw', 'silent', 'refused wrongly', 'hangs', 'memory'
FAULTS = (RAW, SILENT, WRONGLY, HANGS, MEMORY)

SECONDS = 20
MEGABYTES = 1024
LONGEST_MESSAGE = 4000  # characters
# Who raises errors for people to read: the package, and what reads arguments and configs for it.
SPEAKERS = ('partkd', 'mmengine', 'mmaction', 'mmcv', 'torch', 'argparse', '__main__')
# Python's own word about an argument that a constructor does not have, or that it needs.
_ARGUMENTS = re.compile('unexpected keyword argument|missing .* required |takes no arguments')
_RAISE = dis.opmap['RAISE_VARARGS']


class OutOfTimeError(BaseException):
    """What no handler of the package catches."""


@dataclass(frozen=True)
class Outcome:
    """What became of an input.

    Args:
        kind (str): One of ``FAULTS``, ``NAMED`` or ``HARMED_NOTHING``.
        text (str): The error, or what is wrong.
    """

    kind: str
    text: str = ''


def judge(one: Input, folder: Path) -> Outcome:
    """Hand an input to the package, in bounded time and memory.

    A refusal is *named* where the error was raised on purpose, by a ``raise`` of one of
    ``SPEAKERS`` in the innermost frame, and its message holds the words of the input and is not
    too long to be read.

    Args:
        one (Input): The input.
        folder (Path): An empty folder for it.

    Returns:
        Outcome: What became of it.
    """
    said, before = io.StringIO(), _peak()
    try:
        with _limits(), _quiet(said):
            one.take(folder)
    except OutOfTimeError as stop:
        return Outcome(HANGS, f'over {SECONDS} s, at {_place(stop)}')
    except WrongResultError as error:
        return Outcome(SILENT, str(error))
    except (Exception, SystemExit) as error:
        outcome = _judge_error(one, error, said.getvalue())
    else:
        outcome = Outcome(SILENT if one.expected == REFUSED else HARMED_NOTHING)
    grown = _peak() - before
    return Outcome(MEMORY, f'{grown} MB') if grown > MEGABYTES else outcome


def _judge_error(one: Input, error: BaseException, said: str) -> Outcome:
    message = f'{said}{error.code}' if isinstance(error, SystemExit) else str(error)
    text = f'{type(error).__name__} at {_place(error)}: {message.strip()[:300]}'
    if _ran_out_of_memory(error):
        return Outcome(MEMORY, text)
    if one.expected == TAKEN:
        return Outcome(WRONGLY, text)
    if len(message) > LONGEST_MESSAGE:
        return Outcome(RAW, f'{len(message)} characters: {text}')
    absent = [word for word in one.words if word.lower() not in message.lower()]
    if absent and one.expected != HARMLESS:
        return Outcome(RAW, f'without a word of {absent}: {text}')
    # a tool shows the message of what ended it
    is_end = isinstance(error, SystemExit) and isinstance(error.code, str)
    shown = error.__context__ if is_end else None
    return Outcome(NAMED if _is_on_purpose(shown or error) else RAW, text)


def _is_on_purpose(error: BaseException) -> bool:
    if isinstance(error, TypeError) and _ARGUMENTS.search(str(error)):
        return True
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    frame = trace.tb_frame
    speaker = frame.f_globals.get('__name__', '').split('.')[0]
    if speaker == 'argparse':
        return True
    # mmengine's configs say so of any key that is not there
    is_lookup = isinstance(error, AttributeError) and speaker == 'mmengine'
    raised = frame.f_code.co_code[trace.tb_lasti] == _RAISE or isinstance(error, SystemExit)
    return speaker in SPEAKERS and raised and not is_lookup


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f'{"/".join(Path(frames[-1].filename).parts[-3:])}:{frames[-1].lineno}'


def _ran_out_of_memory(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, MemoryError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _peak() -> int:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


@contextlib.contextmanager
def _limits() -> Iterator[None]:
    """Time by an alarm; memory by a limit well above what is allowed, for the machine's sake."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise OutOfTimeError

    pages = int(Path('/proc/self/statm').read_text().split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    earlier = signal.signal(signal.SIGALRM, stop)
    room = pages * resource.getpagesize() + (3 * MEGABYTES << 20)
    resource.setrlimit(resource.RLIMIT_AS, (room, hard))
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, earlier)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextlib.contextmanager
def _quiet(said: io.StringIO) -> Iterator[None]:
    """Keeps what a tool says to people, without the package's log."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(said):
            warnings.simplefilter('ignore')
            with contextlib.redirect_stdout(io.StringIO()):
                yield
    finally:
        logging.disable(level)
