"""Two or more ways to do a thing, timed in turn."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import torch
from mmengine.utils import track_iter_progress
from torch.utils.benchmark import timer  # waits for CUDA

from partkd.evaluation import environment, in_words
from partkd.evaluation.markdown import table


@dataclass
class Side:
    """One way to do a thing.

    Args:
        name (str): What it is called in the report.
        call (Callable[[], Any]): Does the thing once. CUDA is waited for.
        amount (float): How many things one call does, such as clips. Defaults to 1.
        calls (int): Calls that are timed together, where one is too short to be timed. Defaults
            to 1.
    """

    name: str
    call: Callable[[], Any] = field(repr=False)
    amount: float = 1.0
    calls: int = 1

    def seconds(self) -> float:
        """Time one call, or the mean of ``calls``.

        Returns:
            float: Seconds for each of the ``amount`` things.
        """
        start = timer()
        for _ in range(self.calls):
            self.call()
        return (timer() - start) / self.calls / self.amount


@dataclass
class SideBySide:
    """What sides took, round by round.

    Args:
        title (str): What is compared.
        unit (str): What is counted, in the plural, such as ``'clips'``.
        seconds (dict[str, list[float]]): For each of them, by side, one figure a round. The
            first side is what the others are held against.
        environment (dict): See :func:`partkd.evaluation.environment`.
        notes (list[str]): What a reader has to know.
    """

    title: str
    unit: str
    seconds: dict[str, list[float]]
    environment: dict
    notes: list[str] = field(default_factory=list)

    def times_faster(self, side: str) -> tuple[float, float, float]:
        """How many times as fast a side is as the first one.

        Args:
            side (str): Its name.

        Returns:
            tuple[float, float, float]: Median, least and most of the rounds' ratios.
        """
        first = next(iter(self.seconds.values()))
        ratios = [a / b for a, b in zip(first, self.seconds[side], strict=True)]
        return median(ratios), min(ratios), max(ratios)

    def report(self) -> str:
        """Both sides, the ratios and the environment.

        Returns:
            str: Markdown.
        """
        rows = [
            [side, _duration(median(seconds)), f'{1 / median(seconds):,.4g}', self._ratio(side)]
            for side, seconds in self.seconds.items()
        ]
        one = self.unit.removesuffix('s')
        head = ['', f'time per {one}', f'{self.unit}/s', 'times as fast [least, most]']
        rounds = len(next(iter(self.seconds.values())))
        how = [f'Medians of {rounds} rounds; in each, all sides take their turn.', *self.notes]
        made_with = in_words(self.environment)
        lines = '\n'.join(f'- {line}' for line in [*how, made_with + '.'])
        return f'## {self.title}\n\n{table(head, rows)}\n\n{lines}\n'

    def _ratio(self, side: str) -> str:
        middle, least, most = self.times_faster(side)
        if side == next(iter(self.seconds)):
            return '1'
        return f'**{middle:.2f}** [{least:.2f}, {most:.2f}]'


def compare(
    title: str,
    unit: str,
    sides: Sequence[Side],
    rounds: int = 7,
    threads: int = 1,
    notes: Sequence[str] = (),
) -> SideBySide:
    """Time several sides in turn, so that what else the machine does falls on all of them.

    Args:
        title (str): What is compared.
        unit (str): What the sides' amounts count, in the plural, such as ``'clips'``.
        sides (Sequence[Side]): The first is what the others are held against.
        rounds (int): How often each side has its turn, after one that does not count. Defaults
            to 7.
        threads (int): Of PyTorch. Defaults to 1.
        notes (Sequence[str]): What a reader has to know. Defaults to ().

    Returns:
        SideBySide: The figures.

    Raises:
        ValueError: If there are fewer than two sides, or two of one name.
    """
    names = [side.name for side in sides]
    if len(set(names)) < max(2, len(names)):
        raise ValueError(f'two or more sides of different names are compared, got {names}')
    seconds: dict[str, list[float]] = {name: [] for name in names}
    with _threads(threads):
        for done in track_iter_progress(range(rounds + 1)):
            for side in sides:
                taken = side.seconds()
                if done:  # the first round warms up
                    seconds[side.name].append(taken)
        made_with = environment()
    return SideBySide(title, unit, seconds, made_with, list(notes))


@contextmanager
def _threads(number: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _duration(seconds: float) -> str:
    if seconds >= 1:
        return f'{seconds:.3g} s'
    return f'{seconds * 1e3:.3g} ms' if seconds >= 1e-3 else f'{seconds * 1e6:.3g} µs'
