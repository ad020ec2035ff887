"""What a malformed input is."""

import copy
import reprlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REFUSED = 'refused'  # an error has to name it
TAKEN = 'taken'  # unusual and right: it must not be refused
HARMLESS = 'harmless'  # may be refused by name, or do no harm


class WrongResultError(Exception):
    """The package has given a wrong result for an input, without a word."""


@dataclass(frozen=True)
class Input:
    """One input.

    Args:
        name (str): What is wrong with it, unique among those of its kind.
        take (Callable): Hands it to the package; gets an empty folder.
        words (tuple[str, ...]): What the message of a refusal has to hold. Defaults to ().
        expected (str): ``REFUSED``, ``TAKEN`` or ``HARMLESS``. Defaults to ``REFUSED``.
    """

    name: str
    take: Callable[[Path], object]
    words: tuple[str, ...] = ()
    expected: str = REFUSED


NAN, INF = float('nan'), float('inf')
MISSING = object()  # stands for a field that is taken away

# Of each sort of setting, values that are none.
WRONG: dict[str, tuple] = {
    'fraction': (-0.1, 1.1, NAN, INF, 'half', None, [0.5]),
    'positive': (0, -1, NAN, INF, 'much', None, [1]),
    'weight': (-1, NAN, INF, 'much', None, [1]),
    'whole': (0, -1, 1.5, NAN, 'two', None, [2]),
    'seed': (-1, 1.5, NAN, 'first', [0]),
    'choice': ('nonsense', '', 1, ['a'], {}),
    'flag': ('no', 2, []),
    'text': (1, 1.5, True, [], {}, b'a'),
    'file': ('', 'gone.file', 1, [], {}),
    'dict': ('text', 1, [1], True),
    'list': ('text', 1, {}, True),
}


def bomb(depth: int = 60) -> list:
    """A list of a few bytes that would be printed without an end."""
    value: list = []
    for _ in range(depth):
        value = [value, value]
    return value


def deep(depth: int = 150) -> list:
    """Lists within lists, deeper than recursion likes."""
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


def shown(value: Any) -> str:
    """A short name of a value."""
    return 'missing' if value is MISSING else reprlib.repr(value)[:60]


def replaced(base: dict, path: str, value: Any) -> dict:
    """A copy in which one field, by its dotted path, has another value or is missing."""
    base = copy.deepcopy(base)
    *parents, last = path.split('.')
    place: Any = base
    for key in parents:
        place = place[int(key) if isinstance(place, list) else key]
    if value is MISSING:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return base


def variants(
    base: dict,
    fields: dict[str, Iterable],
    take: Callable[[dict, Path], object],
    words: tuple[str, ...] = (),
    expected: str = REFUSED,
    prefix: str = '',
) -> Iterator[Input]:
    """An input for each value of each field, the name of which the refusal has to hold."""
    for path, values in fields.items():
        for value in values:
            yield Input(
                f'{prefix}{path} {shown(value)}',
                lambda folder, path=path, value=value: take(replaced(base, path, value), folder),
                (*words, path.split('.')[-1]) if not path.split('.')[-1].isdigit() else words,
                expected,
            )
