"""Which clips of a data set go through a network together."""

from collections.abc import Sequence

import numpy as np
import torch
from mmengine.dataset import pseudo_collate
from mmengine.model import BaseDataPreprocessor
from torch.utils.data import DataLoader

from partkd.datasets import PairedPoseDataset
from partkd.structures import SkeletonBatch

# With more frames in a pass of the paper's ST-GCN a CPU takes longer for each of them (10 % with
# 1,000): the C library has the system map fresh pages for large tensors. On a GPU 32,768 frames
# should take some 2 GB.
_MOST_FRAMES = dict(cpu=500)
_MOST_FRAMES_ON_A_GPU = 32_768


def most_frames(device: torch.device) -> int:
    """How many frames, those of all persons together, suit one forward pass.

    Args:
        device (torch.device): Of the network.

    Returns:
        int: The number.
    """
    return _MOST_FRAMES.get(device.type, _MOST_FRAMES_ON_A_GPU)


def by_length(dataset: PairedPoseDataset) -> np.ndarray:
    """The order in which clips of like length, which need little padding, are neighbours.

    Args:
        dataset (PairedPoseDataset): K clips.

    Returns:
        np.ndarray: Their places, longest first (so that what does not fit fails at once), (K,).
    """
    return np.argsort(-dataset.num_frames, kind='stable')


def plan_passes(
    dataset: PairedPoseDataset, order: np.ndarray, most_clips: int, most_frames: float
) -> list[list[int]]:
    """Cut an order of clips into batches.

    A batch is decided by the clips from its first one on, so that going on between two batches
    makes the same ones.

    Args:
        dataset (PairedPoseDataset): The clips.
        order (np.ndarray): Places of clips, longest first, (K,).
        most_clips (int): In a batch.
        most_frames (float): In a batch, of all persons and with padding. A clip that has more is
            a batch of its own.

    Returns:
        list[list[int]]: The places in each batch.
    """
    batches: list[list[int]] = []
    persons = frames = 0
    sizes = np.stack([dataset.num_persons, dataset.num_frames], 1)
    for place, (its_persons, its_frames) in zip(order.tolist(), sizes[order].tolist()):
        persons += its_persons
        if not batches or len(batches[-1]) == most_clips or persons * frames > most_frames:
            batches.append([])
            persons, frames = its_persons, its_frames
        batches[-1].append(place)
    return batches


def load_batches(
    dataset: PairedPoseDataset,
    batches: Sequence[list[int]],
    preprocessor: BaseDataPreprocessor,
) -> DataLoader:
    """Load batches of a data set.

    Args:
        dataset (PairedPoseDataset): The clips.
        batches (Sequence[list[int]]): Places of the clips of each batch.
        preprocessor (BaseDataPreprocessor): Of the network.

    Returns:
        DataLoader: Of :obj:`SkeletonBatch`, on the preprocessor's device.
    """

    def collate(items: list[dict]) -> SkeletonBatch:
        return preprocessor(pseudo_collate(items))['inputs']

    return DataLoader(dataset, batch_sampler=batches, collate_fn=collate)
