"""Guesses of what is missing that cost nothing: the rivals of learning to do without."""

from dataclasses import replace
from typing import Literal

import torch
from mmaction.registry import TRANSFORMS
from torch import Tensor
from torch.nn.functional import avg_pool1d

from partkd.arguments import checked
from partkd.structures import ClipBatch

from .base import CoordinateBatchTransform, DeterministicTransform

WINDOW = 7


@TRANSFORMS.register_module()
class FillMissingJoints(DeterministicTransform, CoordinateBatchTransform):
    """Guesses the positions of joints that were not seen from other frames; their score stays 0.

    Its place is behind what takes joints away, such as :class:`JointOcclusion`.

    Args:
        by (str): ``'linear'`` goes on a line from where the joint was seen last to where it is seen
            next, and stays where it was seen only before, or only after; ``'mean'`` takes the mean
            over the three frames before and after, and leaves a joint missing where it was seen in
            none of them (as SKD's code does); ``'nearest'`` the position in the nearest frame,
            the earlier of two. Defaults to ``'linear'``.
    """

    @checked
    def __init__(self, by: Literal['linear', 'mean', 'nearest'] = 'linear') -> None:
        self.by = by

    def apply(self, batch: ClipBatch) -> ClipBatch:
        """Fills ``keypoint``.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: With positions in real frames where there was something to guess from.
        """
        seen = batch.scores > 0
        place = torch.arange(seen.shape[2], device=seen.device)
        real = (place < batch.frames.to(seen.device)[:, None])[:, None, :, None]
        guess = self._mean if self.by == 'mean' else self._between
        filled = guess(batch.keypoint, seen, place[:, None])
        missing = real & ~seen & batch.keypoint.eq(0).all(-1)
        return replace(batch, keypoint=torch.where(missing[..., None], filled, batch.keypoint))

    def _between(self, keypoint: Tensor, seen: Tensor, place: Tensor) -> Tensor:
        """From the frames before and after; zeros where a joint was never seen."""
        frames = len(place)
        before = torch.where(seen, place, -1).cummax(2).values
        after = torch.where(seen, place, frames).flip(2).cummin(2).values.flip(2)
        none_before, none_after = before < 0, after >= frames
        first, last = (
            torch.where(none_before, after, before),
            torch.where(none_after, before, after),
        )
        # in [0, 1], how far on the way from one to the other
        way = (place - first) / (last - first).clamp(min=1)
        if self.by == 'nearest':
            way = (way > 0.5).to(keypoint.dtype)
        start, end = (
            keypoint.gather(2, frame.clamp(0, frames - 1)[..., None].expand_as(keypoint))
            for frame in (first, last)
        )
        filled = start.lerp(end, way[..., None].to(keypoint.dtype))
        return filled.masked_fill((none_before & none_after)[..., None], 0)

    def _mean(self, keypoint: Tensor, seen: Tensor, place: Tensor) -> Tensor:
        """Over the window, of what was seen; zeros where that is nothing."""
        shares = _windowed(seen[..., None].to(keypoint.dtype))
        totals = _windowed(keypoint * seen[..., None])
        return torch.where(shares > 0, totals / shares.clamp(min=1 / (2 * WINDOW)), 0)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(by={self.by!r})'


def _windowed(x: Tensor) -> Tensor:
    """Means over a window of time around each frame, (N, M, T, V, C)."""
    rows = x.movedim(2, -1)
    means = avg_pool1d(rows.flatten(0, 2), WINDOW, stride=1, padding=WINDOW // 2)
    return means.view_as(rows).movedim(-1, 2)
