import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor

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
    """

    def __init__(
        self,
        layout: str | dict | PoseLayout,
        trunk: str = 'ignore',
        joint_reduce: str = 'mean',
        num_segments: int = 1,
    ) -> None:
        super().__init__()
        if num_segments < 1:
            raise ValueError(f'num_segments must be 1 or more, got {num_segments}')
        if joint_reduce not in ('mean', 'visible'):
            raise ValueError(f"joint_reduce must be 'mean' or 'visible', got {joint_reduce!r}")
        self.trunk = trunk
        self.joint_reduce = joint_reduce
        self.num_segments = num_segments
        averaging = torch.from_numpy(get_layout(layout).part_averaging(trunk))
        self.register_buffer('averaging', averaging, persistent=False)

    def forward(self, joints: Tensor, batch: SkeletonBatch) -> SkeletonFeatures:
        """Pool the backbone's output.

        Args:
            joints (Tensor): Features of every real person, (P, C, T', V).
            batch (SkeletonBatch): What they were computed from.

        Returns:
            SkeletonFeatures: With ``parts`` (N, 5, C), ``segments`` (N, S, 5, C) and ``pooled``
            (N, C); no logits yet.
        """
        keypoint, frame_mask = batch.persons()
        if frame_mask is None:
            real = joints.new_ones(joints.shape[0], joints.shape[2], dtype=torch.bool)
        else:
            real = downsample_mask(frame_mask, joints.shape[2])
        frames = real[:, None]
        if self.num_segments > 1:
            frames = torch.cat([frames, cut_evenly(real, self.num_segments)], 1)
        weights = (frames / frames.sum(-1, keepdim=True)).to(joints.dtype)
        over_time = torch.einsum('pctv,pst->pscv', joints, weights)
        if self.joint_reduce == 'mean':
            parts = torch.einsum('pscv,kv->pskc', over_time, self.averaging.to(joints.dtype))
        else:
            parts = self._mean_of_visible(joints, frames.to(joints.dtype), keypoint)
        parts = batch.mean_over_persons(parts)
        return SkeletonFeatures(
            joints=joints,
            parts=parts[:, 0],
            segments=parts[:, -self.num_segments :],
            pooled=batch.mean_over_persons(over_time[:, 0].mean(-1)),
        )

    def _mean_of_visible(self, joints: Tensor, frames: Tensor, keypoint: Tensor) -> Tensor:
        """Part means over the joints with input; zero for a part that has none, (P, S, 5, C)."""
        visible = keypoint.ne(0).any(-1).to(joints.dtype)
        while visible.shape[1] > joints.shape[2]:
            visible = F.max_pool2d(visible, (2, 1), ceil_mode=True)
        member = (self.averaging > 0).to(joints.dtype)
        visible = torch.einsum('ptv,pst->pstv', visible, frames)
        total = torch.einsum('pctv,pstv,kv->pskc', joints, visible, member)
        count = torch.einsum('pstv,kv->psk', visible, member)
        return total / count.clamp(min=1)[..., None]


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
