"""Data sets inside others."""

from typing import Any, Protocol


class SizedDataset(Protocol):
    """What a data loader of mmengine draws from, by places."""

    def __getitem__(self, index: int) -> Any: ...
    def __len__(self) -> int: ...


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
