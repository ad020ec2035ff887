"""Clips of NTU RGB+D 60's sizes that need no file."""

from collections.abc import Sequence

import numpy as np
import torch
from mmaction.structures import ActionDataSample
from mmengine.dataset import DefaultSampler
from torch import Tensor

from partkd.datasets import LengthGroupedBatchSampler

from .ntu_like import NUM_CLASSES, num_frames, num_persons


class NoiseClips:
    """A data set without files, the same in every run.

    Args:
        count (int): N, how many clips.

    Attributes:
        num_frames (np.ndarray): Lengths in ascending order, (N,).
        num_persons (np.ndarray): (N,).
        labels (np.ndarray): (N,).
    """

    def __init__(self, count: int) -> None:
        self.num_frames = num_frames(count)
        self.num_persons = num_persons(count)
        self.labels = np.random.default_rng(0).integers(NUM_CLASSES, size=count)

    def __len__(self) -> int:
        return len(self.labels)

    def keypoints(self, indices: Sequence[int], num_joints: int) -> list[Tensor]:
        """Noise of the clips' shapes, (M, T, V, 3) each."""
        shapes = zip(self.num_persons[indices], self.num_frames[indices])
        return [torch.randn(persons, frames, num_joints, 3) for persons, frames in shapes]

    def samples(self, indices: Sequence[int]) -> list[ActionDataSample]:
        """Labels and names of clips that all have a pair."""
        return [
            ActionDataSample(metainfo=dict(frame_dir=str(index), paired=True)).set_gt_label(
                int(self.labels[index])
            )
            for index in indices
        ]

    def batches(self, batch_size: int) -> list[list[int]]:
        """Batches that length-grouped training makes of the clips, from short to long."""
        batches = LengthGroupedBatchSampler(DefaultSampler(self, seed=0), batch_size)
        return sorted(batches, key=lambda batch: self.num_frames[batch].max())
