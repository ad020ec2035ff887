from collections.abc import Collection
from typing import Literal

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor

from partkd.arguments import Whole, checked
from partkd.layouts import PoseLayout, get_layout
from partkd.models.layers import downsample_mask
from partkd.structures import SkeletonBatch, SkeletonFeatures


@MODELS.register_module()
class PartPooling(BaseModule):
    """Joint-level features to part features and the global feature vector.

    Part features are means over time and over the joints of a part (method paper, Sec. 3.3.1),
    so that skeletons of different graphs meet in the same five parts. All means run over real
    frames and persons only.

    Args:
        layout (str | dict | PoseLayout): The pose graph. A recogniser fills in its own.
        trunk (str): Where joints of no part go: ``'ignore'`` or ``'head'`` (PA-ResGCN's fifth
            part). Defaults to ``'ignore'``.
        joint_reduce (str): ``'mean'`` over all joints of a part, or ``'visible'`` over those
            that have any input. Defaults to ``'mean'``.
        num_segments (int): S, into how many stretches of time the segments of a clip are cut.
            Defaults to 1, which makes them the part features.
        num_steps (int): S_t, how many steps of time the joint-level features of a clip have, for a
            loss that reads ``joints``. Teacher and student need the same. Defaults to 16.
    """

    @checked
    def __init__(
        self,
        layout: str | dict | PoseLayout,
        trunk: Literal['ignore', 'head'] = 'ignore',
        joint_reduce: Literal['mean', 'visible'] = 'mean',
        num_segments: Whole = 1,
        num_steps: Whole = 16,
    ) -> None:
        super().__init__()
        self.trunk = trunk
        self.joint_reduce = joint_reduce
        self.num_segments = num_segments
        self.num_steps = num_steps
        averaging = torch.from_numpy(get_layout(layout).part_averaging(trunk))
        self.register_buffer('averaging', averaging, persistent=False)

    def forward(
        self, z: Tensor, batch: SkeletonBatch, reads: Collection[str] = ()
    ) -> SkeletonFeatures:
        """Pool the backbone's output.

        Args:
            z (Tensor): Joint-level features of every real person, (P, C, T', V).
            batch (SkeletonBatch): What they were computed from.
            reads (Collection[str]): Features that will be read; ``joints`` are made where they
                are among these. Defaults to ().

        Returns:
            SkeletonFeatures: With ``parts`` (N, 5, C), ``segments`` (N, S, 5, C), ``pooled``
            (N, C) and, if they are read, ``joints`` (N, M, S_t, V, C); no logits yet.
        """
        keypoint, _ = batch.persons()
        real = _real_frames(z, batch)
        frames = real[:, None]
        if self.num_segments > 1:
            frames = torch.cat([frames, cut_evenly(real, self.num_segments)], 1)
        over_time = torch.einsum('pctv,pst->pscv', z, _mean_weights(frames, z.dtype))
        if self.joint_reduce == 'mean':
            parts = torch.einsum('pscv,kv->pskc', over_time, self.averaging.to(z.dtype))
        else:
            parts = self._mean_of_visible(z, frames.to(z.dtype), keypoint)
        parts = batch.mean_over_persons(parts)
        features = SkeletonFeatures(
            parts=parts[:, 0],
            segments=parts[:, -self.num_segments :],
            pooled=batch.mean_over_persons(over_time[:, 0].mean(-1)),
        )
        if 'joints' not in reads:
            return features
        return features.replace(
            joints=batch.spread_over_persons(self.over_steps(z, batch)),
            person_mask=batch.spread_over_persons(real.any(1)),
        )

    def over_steps(self, z: Tensor, batch: SkeletonBatch) -> Tensor:
        """Bring joint-level features onto the time axis of S_t steps.

        Args:
            z (Tensor): Of every real person, (P, C, T', V).
            batch (SkeletonBatch): What they were computed from.

        Returns:
            Tensor: Means over the frames of each step, (P, S_t, V, C).
        """
        steps = cut_evenly(_real_frames(z, batch), self.num_steps)
        return torch.einsum('pctv,pst->psvc', z, _mean_weights(steps, z.dtype))

    def _mean_of_visible(self, z: Tensor, frames: Tensor, keypoint: Tensor) -> Tensor:
        """Part means over the joints with input; zero for a part that has none, (P, S, 5, C)."""
        visible = keypoint.ne(0).any(-1).to(z.dtype)
        while visible.shape[1] > z.shape[2]:
            visible = F.max_pool2d(visible, (2, 1), ceil_mode=True)
        member = (self.averaging > 0).to(z.dtype)
        visible = torch.einsum('ptv,pst->pstv', visible, frames)
        total = torch.einsum('pctv,pstv,kv->pskc', z, visible, member)
        count = torch.einsum('pstv,kv->psk', visible, member)
        return total / count.clamp(min=1)[..., None]


def _real_frames(z: Tensor, batch: SkeletonBatch) -> Tensor:
    """Which frames of features (P, C, T', V) are real, (P, T') bool."""
    _, frame_mask = batch.persons()
    if frame_mask is None:
        return z.new_ones(z.shape[0], z.shape[2], dtype=torch.bool)
    return downsample_mask(frame_mask, z.shape[2])


def _mean_weights(frames: Tensor, dtype: torch.dtype) -> Tensor:
    """The weight of each frame in the mean over those that are True, (P, S, T')."""
    return (frames / frames.sum(-1, keepdim=True)).to(dtype)


def cut_evenly(real: Tensor, num_segments: int) -> Tensor:
    """Cut each clip's real frames into stretches of equal length, in order.

    The stretches are those of ``torch.nn.functional.adaptive_avg_pool1d`` on the real frames: no
    stretch is empty, and neighbours share a frame where they don't divide evenly.

    Args:
        real (Tensor): True where a frame is real; real ones come first, (P, T') bool.
        num_segments (int): S.

    Returns:
        Tensor: True where a frame belongs to a stretch, (P, S, T') bool.
    """
    length = real.sum(1, keepdim=True)[..., None]
    segment = torch.arange(num_segments, device=real.device)[None, :, None]
    frame = torch.arange(real.shape[1], device=real.device)
    start = segment * length // num_segments
    end = -(-(segment + 1) * length // num_segments)
    return (frame >= start) & (frame < end)
