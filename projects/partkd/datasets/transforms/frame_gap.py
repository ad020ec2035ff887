"""A gap in time, as in the tables of RA-GCN."""

import torch
from mmaction.registry import TRANSFORMS

from partkd.arguments import Count, checked
from partkd.structures import ClipBatch

from .base import DeterministicTransform
from .degradation import Degradation, hidden


@TRANSFORMS.register_module()
class FrameGap(DeterministicTransform, Degradation):
    """Hides all persons in a number of frames around one place (RA-GCN: Song et al., ICIP 2019).

    Nothing is drawn: every clip loses the same frames, which stay in it as empty ones. A clip that
    ends before them loses none.

    Args:
        frames (int): How many, half of them ahead of the place; of an odd number one less is gone,
            as in RA-GCN's code.
        centre (int): The place, the first frame being 0. Defaults to 50, RA-GCN's.
    """

    @checked
    def __init__(self, frames: Count, centre: Count = 50) -> None:
        self.frames, self.centre = frames, centre

    def apply(self, batch: ClipBatch) -> ClipBatch:
        """Empties frames.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: Coordinates and scores zeroed in the gap.
        """
        place = torch.arange(batch.keypoint.shape[2], device=batch.keypoint.device) - self.centre
        half = self.frames // 2
        return hidden(batch, ((place >= -half) & (place < half))[:, None])

    def __repr__(self) -> str:
        return f'{type(self).__name__}(frames={self.frames}, centre={self.centre})'
