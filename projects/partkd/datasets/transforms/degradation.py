"""What all degradations share: what is hidden, and draws that a clip's name decides in test."""

import hashlib
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from partkd.structures import ClipBatch

from .base import CoordinateBatchTransform


class Degradation(CoordinateBatchTransform):
    """Base of what makes skeletons poorer, in training and in test alike.

    A joint that is gone has zero coordinates and score 0, as one that was never seen. In training
    draws are new each time. In test they are a function of ``(seed, frame_dir)`` alone, whatever
    the order of clips, the batch, the worker or the state of any generator.
    """

    seed: int = 0
    once: bool = False
    """Whether draws of a clip are the same in every epoch of a training, as they are in test."""

    def draw(
        self,
        batch: ClipBatch,
        columns: int,
        per_person: bool = True,
        per_frame: bool = True,
        normal: bool = False,
        key: str = '',
    ) -> Tensor:
        """Random numbers for the clips of a batch; 0 in padding in test.

        Args:
            batch (ClipBatch): The clips.
            columns (int): Numbers for each person and frame.
            per_person (bool): Whether persons have their own. Defaults to True.
            per_frame (bool): Whether frames have their own. Defaults to True.
            normal (bool): Whether they are normal, with mean 0 and deviation 1, and not uniform
                in [0, 1). Defaults to False.
            key (str): Tells draws of one clip apart. Defaults to ''.

        Returns:
            Tensor: (N, M or 1, T or 1, columns) on the batch's device.
        """
        persons, frames = batch.keypoint.shape[1:3]
        shape = len(batch), persons if per_person else 1, frames if per_frame else 1, columns
        device = batch.keypoint.device
        if not (batch.test_mode or self.once):
            return (torch.randn if normal else torch.rand)(shape, device=device)
        drawn = np.zeros(shape)
        real = zip(batch.frame_dirs, batch.persons.tolist(), batch.frames.tolist(), strict=True)
        for row, (frame_dir, persons, frames) in zip(drawn, real, strict=True):
            own, generator = row[:persons, :frames], self._generator(key, frame_dir)
            own[:] = (generator.standard_normal if normal else generator.random)(own.shape)
        return torch.from_numpy(drawn).to(device)

    def _generator(self, key: str, frame_dir: str) -> np.random.Generator:
        # Not hash(): Python salts it anew in every process.
        digest = hashlib.sha256(f'{key}{self.seed}/{frame_dir}'.encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8], 'little'))


def hidden(batch: ClipBatch, gone: Tensor) -> ClipBatch:
    """The clips without some joints.

    Args:
        batch (ClipBatch): The clips.
        gone (Tensor): Bool, of a shape that broadcasts to (N, M, T, V).

    Returns:
        ClipBatch: Coordinates and scores zeroed where joints are gone.
    """
    kept = ~gone
    return replace(
        batch,
        keypoint=batch.keypoint * kept[..., None],
        keypoint_score=batch.scores * kept,
    )
