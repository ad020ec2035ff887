"""The degradation of the paper's Sec. 4, and two that look more like occlusion."""

import hashlib
from dataclasses import replace
from typing import Literal

import numpy as np
import torch
from mmaction.registry import TRANSFORMS
from torch import Tensor

from partkd.arguments import Count, Fraction, checked
from partkd.structures import ClipBatch

from .base import CoordinateBatchTransform


@TRANSFORMS.register_module()
class JointOcclusion(CoordinateBatchTransform):
    """Zeroes coordinates and scores of joints at random (occlusion probability OP, Sec. 4).

    Its place is after normalisation and before :class:`SkeletonStreams`. In test it is a
    function of ``(seed, frame_dir)`` alone, whatever the order of clips, the worker or the state
    of any generator; what is occluded at one ``prob`` is so at every higher one.

    Args:
        prob (float): Probability of every draw.
        scope (str): What one draw decides: ``'frame'`` a joint of a person in one frame (the
            paper, which does not say more than that joints are drawn), ``'clip'`` a joint of a
            person for the whole clip, ``'part'`` one of the layout's five parts of a person for
            the whole clip (the trunk is never occluded). Defaults to ``'frame'``.
        seed (int): Seed in test. Defaults to 0.
    """

    @checked
    def __init__(
        self,
        prob: Fraction,
        scope: Literal['frame', 'clip', 'part'] = 'frame',
        seed: Count = 0,
    ) -> None:
        self.prob = prob
        self.scope = scope
        self.seed = seed

    def is_deterministic(self, test_mode: bool) -> bool:
        """Where nothing is occluded; stored clips would differ for each ``prob`` and ``seed``."""
        return self.prob == 0

    def treats_frames_alone(self, test_mode: bool) -> bool:
        """Not where the draws depend on how many frames there are."""
        return self.prob == 0 or self.scope != 'frame' or not test_mode

    def apply(self, batch: ClipBatch) -> ClipBatch:
        """Occludes joints.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: Coordinates and scores zeroed where occluded.
        """
        if self.prob == 0:
            return batch
        kept = ~self._occluded(batch)
        return replace(
            batch,
            keypoint=batch.keypoint * kept[..., None],
            keypoint_score=batch.scores * kept,
        )

    def _occluded(self, batch: ClipBatch) -> Tensor:
        """(N, M, 1 or T, V) bool."""
        joints = batch.keypoint.shape[3]
        if self.scope != 'part':
            return self._draw(batch, joints)
        parts = batch.layout.parts
        gone = self._draw(batch, len(parts))
        part_of = {joint: place for place, part in enumerate(parts) for joint in part}
        members = list(part_of)
        occluded = gone.new_zeros(*gone.shape[:3], joints)
        occluded[..., members] = gone[..., [part_of[joint] for joint in members]]
        return occluded

    def _draw(self, batch: ClipBatch, columns: int) -> Tensor:
        """(N, M, 1 or T, columns) bool, each True with the probability `prob`."""
        persons, frames = batch.keypoint.shape[1:3]
        shape = len(batch), persons, frames if self.scope == 'frame' else 1, columns
        device = batch.keypoint.device
        if not batch.test_mode:
            gone = torch.rand(shape, device=device) < self.prob
            if self.scope == 'frame' and batch.copy_of is not None:
                gone = gone.take_along_dim(batch.copy_of[:, None, :, None], 2)
            return gone
        drawn = np.zeros(shape, dtype=bool)
        real = zip(batch.frame_dirs, batch.persons.tolist(), batch.frames.tolist(), strict=True)
        for row, (frame_dir, persons, frames) in zip(drawn, real, strict=True):
            own = row[:persons, :frames]
            own[:] = self._generator(frame_dir).random(own.shape) < self.prob
        return torch.from_numpy(drawn).to(device)

    def _generator(self, frame_dir: str) -> np.random.Generator:
        # Not hash(): Python salts it anew in every process.
        digest = hashlib.sha256(f'{self.seed}/{frame_dir}'.encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8], 'little'))

    def __repr__(self) -> str:
        return f'{type(self).__name__}(prob={self.prob}, scope={self.scope!r}, seed={self.seed})'
