"""Frames in which nobody is seen."""

from typing import Literal

import torch
from mmaction.registry import TRANSFORMS
from torch import Tensor

from partkd.arguments import Count, Fraction, checked
from partkd.structures import ClipBatch

from .degradation import Degradation, hidden


@TRANSFORMS.register_module()
class FrameLoss(Degradation):
    """Hides all persons in a share of a clip's frames, which stay in the clip as empty ones.

    The three forms are those of SHARDeg (arXiv 2505.18048), which takes the frames out. RA-GCN
    empties one block of frames.

    Args:
        share (float): Share of the frames, rounded to whole ones.
        form (str): ``'random'`` draws them, and what is gone at one share is so at every higher
            one; ``'uniform'`` spreads them evenly, as a lower frame rate does; ``'block'`` is one
            stretch at a random place. Defaults to ``'random'``.
        seed (int): Seed in test. Defaults to 0.
    """

    @checked
    def __init__(
        self,
        share: Fraction,
        form: Literal['random', 'uniform', 'block'] = 'random',
        seed: Count = 0,
    ) -> None:
        self.share, self.form, self.seed = share, form, seed

    def is_deterministic(self, test_mode: bool) -> bool:
        """Where nothing is drawn; stored clips would differ for each seed."""
        return self.form == 'uniform'

    def apply(self, batch: ClipBatch) -> ClipBatch:
        """Empties frames.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: Coordinates and scores zeroed in frames that are gone.
        """
        length = batch.frames.to(batch.keypoint.device)[:, None]
        number = (self.share * length).round().long()
        place = torch.arange(batch.keypoint.shape[2], device=length.device)
        gone = self._gone(batch, place, length, number)
        return hidden(batch, gone[:, None, :, None])

    def _gone(self, batch: ClipBatch, place: Tensor, length: Tensor, number: Tensor) -> Tensor:
        """`number` (N, 1) frames of `length` (N, 1), (N, T) bool; `place` are those of time."""
        if self.form == 'uniform':
            return (place + 1) * number // length > place * number // length
        one = self.form == 'block'
        drawn = self.draw(batch, 1, per_person=False, per_frame=not one, key=f'{self.form} frames/')
        drawn = drawn[:, 0, :, 0]
        if one:
            first = (drawn * (length - number + 1)).long().minimum(length - number)
            return (place >= first) & (place < first + number)
        rank = drawn.masked_fill(place >= length, torch.inf).argsort(stable=True).argsort()
        return rank < number

    def __repr__(self) -> str:
        settings = f'share={self.share}, form={self.form!r}, seed={self.seed}'
        return f'{type(self).__name__}({settings})'
