"""Data sets inside others."""

from torch.utils.data import Dataset


def innermost(dataset: Dataset) -> Dataset:
    """The data set proper inside wrappers such as ``RepeatDataset``.

    Args:
        dataset (Dataset): Wrapped or not.

    Returns:
        Dataset: What the wrappers hold.
    """
    while hasattr(dataset, 'dataset'):
        dataset = dataset.dataset
    return dataset
