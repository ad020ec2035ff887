"""Skeletons of one layout in the joints of another, whatever the two are."""

from dataclasses import replace

import torch
from mmaction.registry import TRANSFORMS

from partkd.arguments import checked
from partkd.layouts import PoseLayout, get_layout, named_map
from partkd.structures import ClipBatch

from .base import CoordinateBatchTransform, DeterministicTransform


@TRANSFORMS.register_module()
class MapToLayout(DeterministicTransform, CoordinateBatchTransform):
    """Maps skeletons onto another pose graph, so that clips of any layouts are of one.

    A joint that both graphs have is itself. Any other one is the mean of those joints of its part,
    or of the trunk, that were seen in the frame (:func:`partkd.layouts.named_map`). Unlike
    :class:`MapToUnion` it takes every layout, and a network of one layout can read it.

    Args:
        layout (str | dict | PoseLayout): The pose graph that is wanted.
    """

    @checked
    def __init__(self, layout: str | dict | PoseLayout) -> None:
        self.layout = get_layout(layout)

    def layout_after(self, layout: PoseLayout) -> PoseLayout:
        """The one that is wanted."""
        return self.layout

    def treats_frames_alone(self, test_mode: bool) -> bool:
        """It does."""
        return True

    def apply(self, batch: ClipBatch) -> ClipBatch:
        """Maps the clips.

        Args:
            batch (ClipBatch): The clips, (N, M, T, V_s, C).

        Returns:
            ClipBatch: In the joints of the layout, (N, M, T, V_t, C); a score is the mean of those
            that a joint was made of, 0 where none of them was seen.
        """
        weights = torch.from_numpy(named_map(batch.layout, self.layout)).to(batch.keypoint.device)
        scores = batch.scores
        there = ((scores > 0) | batch.keypoint.ne(0).any(-1)).to(scores.dtype)
        total = weights @ torch.cat([batch.keypoint, scores[..., None]], -1)
        seen = (there @ weights.T)[..., None]
        mean = torch.where(seen > 0, total / seen.where(seen > 0, 1), 0)
        return replace(
            batch, keypoint=mean[..., :-1], keypoint_score=mean[..., -1], layout=self.layout
        )

    def __repr__(self) -> str:
        return f'{type(self).__name__}(layout={self.layout.name!r})'
