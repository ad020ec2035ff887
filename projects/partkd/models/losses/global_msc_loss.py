import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor

from partkd.structures import SkeletonFeatures, TeacherFeatures

from .multi_sample_contrastive import MultiSampleContrastiveLoss


@MODELS.register_module()
class GlobalMSCLoss(MultiSampleContrastiveLoss):
    """The multi-sample contrastive loss on global feature vectors, without parts (Table 4).

    Args:
        **kwargs: Of :class:`MultiSampleContrastiveLoss`: ``positive_weight``, ``temperature``,
            ``loss_weight``.
    """

    name = 'global_msc'
    reads = ('pooled',)

    def similarity(
        self, student: SkeletonFeatures, teacher: TeacherFeatures, labels: Tensor
    ) -> Tensor:
        """The cosine of the global feature vectors, in [-1, 1], (N, K) float32."""
        pooled = F.normalize(student.pooled.float(), dim=-1)
        return pooled @ F.normalize(teacher.pooled.float(), dim=-1).T
