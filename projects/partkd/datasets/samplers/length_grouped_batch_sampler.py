"""Batches of clips of about one length, so that little of a batch is padding."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import count, islice
from typing import Any, Protocol

import numpy as np
from mmaction.registry import DATA_SAMPLERS
from torch.utils.data import Sampler

from partkd.arguments import Whole, checked


class SeededSampler(Protocol):
    """What a batch sampler asks of the sampler that it draws from, as mmengine's are."""

    dataset: Any
    seed: int

    def __iter__(self) -> Iterator[int]: ...
    def __len__(self) -> int: ...


@DATA_SAMPLERS.register_module()
class LengthGroupedBatchSampler(Sampler[list[int]]):
    """Groups what a sampler draws into batches of clips of about one length.

    The indices are taken in windows of several batches. Each window is sorted by length, cut into
    batches, and the batches are shuffled. All processes shuffle alike, and their windows are
    random samples of one data set, so that in every step all of them have clips of about the same
    length, and none waits for another. Every index of the sampler comes exactly once.

    In a config it is the ``batch_sampler`` beside the ``sampler`` of a dataloader, which then has
    no ``drop_last`` of its own.

    Args:
        sampler (SeededSampler): What draws indices of a :class:`PairedPoseDataset`. It has ``seed``
            and, where epochs differ, ``epoch``, as mmengine's samplers have.
        batch_size (int): Clips of a batch.
        window (int): Batches that are made from one sort. More means less padding; fewer mean
            batches that are more random, which may tell in accuracy on small data sets whose
            actions have lengths of their own (docs/performance.md). Defaults to 64.
        clips_per_class (int): Clips of one class that a batch holds together wherever the window
            has them, for losses that contrast the clips of a batch. Defaults to 1.
        drop_last (bool): Whether to leave out the clips that fill no batch. Defaults to False.

    Raises:
        ValueError: If a number is out of range, or the data set does not tell its clips' lengths.
    """

    @checked
    def __init__(
        self,
        sampler: SeededSampler,
        batch_size: Whole,
        window: Whole = 64,
        clips_per_class: Whole = 1,
        drop_last: bool = False,
    ) -> None:
        if clips_per_class > batch_size:
            raise ValueError(
                f'clips_per_class={clips_per_class}: it lies in [1, batch_size], and batch_size '
                f'is {batch_size}'
            )
        self.sampler = sampler
        self.batch_size = batch_size
        self.window = window
        self.clips_per_class = clips_per_class
        self.drop_last = drop_last
        self._lengths = _ask(sampler.dataset, 'num_frames')
        self._labels = _ask(sampler.dataset, 'labels')

    def __iter__(self) -> Iterator[list[int]]:
        """Batches of indices."""
        # A sampler that never ends has no epochs.
        epoch = getattr(self.sampler, 'epoch', 0)
        indices = iter(self.sampler)
        for number in count():
            window = list(islice(indices, self.window * self.batch_size))
            if self.drop_last:
                del window[len(window) // self.batch_size * self.batch_size :]
            if not window:
                return
            batches = _fill_batches(self._groups(window), self.batch_size)
            rng = np.random.default_rng((self.sampler.seed, epoch, number))
            yield from (batches[place] for place in rng.permutation(len(batches)))

    def __len__(self) -> int:
        """Number of batches of this process."""
        whole, rest = divmod(len(self.sampler), self.batch_size)
        return whole + bool(rest and not self.drop_last)

    def _groups(self, window: list[int]) -> list[list[int]]:
        """Clips of like length and one class, ``clips_per_class`` of them or fewer, by length."""
        classes = defaultdict(list)
        for index in sorted(window, key=self._lengths.__getitem__):
            classes[self._labels[index]].append(index)
        size = self.clips_per_class
        groups = [
            clips[start : start + size]
            for clips in classes.values()
            for start in range(0, len(clips), size)
        ]
        return sorted(groups, key=lambda group: self._lengths[group[-1]])


def _fill_batches(groups: list[list[int]], batch_size: int) -> list[list[int]]:
    """Fill batches with groups in order; one that does not fit gives way to the next that does.

    Only where none fits is a group split, so that all batches but the last are full.
    """
    batches: list[list[int]] = [[]]
    while groups:
        room = batch_size - len(batches[-1])
        if not room:
            batches.append([])
            continue
        place = next((place for place, group in enumerate(groups) if len(group) <= room), 0)
        group = groups.pop(place)
        batches[-1] += group[:room]
        if group[room:]:
            groups.insert(0, group[room:])
    return batches


def _ask(dataset: Any, name: str) -> np.ndarray:
    if not hasattr(dataset, name):
        raise ValueError(
            f'{type(dataset).__name__} has no {name} of its clips, by which they are grouped: set '
            'train_dataloader.dataset to a PairedPoseDataset without a wrapper, or '
            'train_dataloader.batch_sampler=None'
        )
    return getattr(dataset, name)
