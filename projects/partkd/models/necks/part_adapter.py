import torch
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor, nn

from partkd.arguments import Whole, checked
from partkd.layouts import PART_NAMES
from partkd.structures import SkeletonFeatures


@MODELS.register_module()
class PartAdapter(BaseModule):
    """Brings a student's features to the teacher's width: one linear map per part, one for the
    global feature vector and for joint-level features, whose mean that vector is. Used in
    distillation alone; an exported student does not hold it.

    Args:
        in_channels (int): C of the student.
        out_channels (int): C of the teacher.
    """

    @checked
    def __init__(self, in_channels: Whole, out_channels: Whole) -> None:
        super().__init__()
        parts = len(PART_NAMES)
        self.weight = nn.Parameter(torch.empty(parts, out_channels, in_channels))
        self.bias = nn.Parameter(torch.zeros(parts, out_channels))
        self.pooled = nn.Linear(in_channels, out_channels)
        for weight in self.weight:
            nn.init.xavier_uniform_(weight)

    def forward(self, features: SkeletonFeatures) -> SkeletonFeatures:
        """Maps what a student says of clips.

        Args:
            features (SkeletonFeatures): The student's.

        Returns:
            SkeletonFeatures: The same with ``out_channels`` in all but the logits.
        """
        parts, segments = self._map(features.parts), self._map(features.segments)
        pooled = self.pooled(features.pooled)
        # Distributed training wants a gradient for every weight, whichever the losses read.
        none = 0.0 * (parts.sum() + pooled.sum())
        adapted = features.replace(
            parts=parts + none,
            segments=segments + none,
            pooled=pooled + none,
            logits=features.logits + none,
        )
        if hasattr(features, 'joints'):
            real = features.person_mask[..., None, None, None]
            adapted.joints = self.pooled(features.joints) * real + none
        return adapted

    def _map(self, parts: Tensor) -> Tensor:
        return torch.einsum('...kc,kdc->...kd', parts, self.weight) + self.bias
