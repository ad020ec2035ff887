"""Data sets inside others."""

from typing import Any, Protocol


class SizedDataset(Protocol):
    """What a data loader of mmengine draws from, by places."""

    def __getitem__(self, index: int) -> Any: ...
    def __len__(self) -> int: ...


def parts_of(dataset: SizedDataset) -> list[SizedDataset]:
    """The data sets proper inside wrappers, and inside those that join several.

    Args:
        dataset (SizedDataset): Wrapped, joined, or neither.

    Returns:
        list[SizedDataset]: What they hold.
    """
    inner = innermost(dataset)
    joined = getattr(inner, 'datasets', None)
    return [inner] if joined is None else [part for one in joined for part in parts_of(one)]


def innermost(dataset: SizedDataset) -> SizedDataset:
    """The data set proper inside wrappers such as ``RepeatDataset``.

    Args:
        dataset (SizedDataset): Wrapped or not.

    Returns:
        SizedDataset: What the wrappers hold.
    """
    while hasattr(dataset, 'dataset'):
        dataset = dataset.dataset
    return dataset
