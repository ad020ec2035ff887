import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor

from partkd.layouts import PoseLayout, get_layout
from partkd.models.backbones import downsample_mask
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
    """

    def __init__(
        self,
        layout: str | dict | PoseLayout,
        trunk: str = 'ignore',
        joint_reduce: str = 'mean',
    ) -> None:
        super().__init__()
        if joint_reduce not in ('mean', 'visible'):
            raise ValueError(f"joint_reduce must be 'mean' or 'visible', got {joint_reduce!r}")
        self.trunk = trunk
        self.joint_reduce = joint_reduce
        averaging = torch.from_numpy(get_layout(layout).part_matrix(trunk))
        self.register_buffer('averaging', averaging, persistent=False)

    def forward(self, joints: Tensor, batch: SkeletonBatch) -> SkeletonFeatures:
        """Pool the backbone's output.

        Args:
            joints (Tensor): Features of every real person, (P, C, T', V).
            batch (SkeletonBatch): What they were computed from.

        Returns:
            SkeletonFeatures: With ``parts`` (N, 5, C) and ``pooled`` (N, C); no logits yet.
        """
        keypoint, frame_mask = batch.persons()
        if frame_mask is None:
            over_time = joints.mean(2)
        else:
            real = downsample_mask(frame_mask, joints.shape[2]).to(joints.dtype)
            over_time = torch.einsum('pctv,pt->pcv', joints, real / real.sum(1, keepdim=True))
        if self.joint_reduce == 'mean':
            parts = torch.einsum('pcv,kv->pkc', over_time, self.averaging.to(joints.dtype))
        else:
            parts = self._mean_of_visible(joints, keypoint)
        return SkeletonFeatures(
            joints=joints,
            parts=batch.mean_over_persons(parts),
            pooled=batch.mean_over_persons(over_time.mean(2)),
        )

    def _mean_of_visible(self, joints: Tensor, keypoint: Tensor) -> Tensor:
        """Part means over the joints with input; zero for a part that has none, (P, 5, C)."""
        visible = keypoint.ne(0).any(-1).to(joints.dtype)
        while visible.shape[1] > joints.shape[2]:
            visible = F.max_pool2d(visible, (2, 1), ceil_mode=True)
        member = (self.averaging > 0).to(joints.dtype)
        total = torch.einsum('pctv,ptv,kv->pkc', joints, visible, member)
        count = torch.einsum('ptv,kv->pk', visible, member)
        return total / count.clamp(min=1)[..., None]
