import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor

from partkd.structures import SkeletonFeatures, TeacherFeatures

from .multi_sample_contrastive import MultiSampleContrastiveLoss


@MODELS.register_module()
class PMSCLoss(MultiSampleContrastiveLoss):
    """Part-level multi-sample contrastive loss (method paper, Eq. 6-11).

    The similarity of a student clip to a teacher clip is the sum over the five parts of the
    cosine of their part features, weighted by how much each part matters for the student clip's
    action.

    Args:
        part_matrix (dict, optional): Config of the weights E, ``dict(type='PartMatrix',
            file=...)``. Defaults to None, all parts alike.
        **kwargs: Of :class:`MultiSampleContrastiveLoss`: ``positive_weight``, ``temperature``,
            ``loss_weight``.
    """

    name = 'pmsc'

    def __init__(self, part_matrix: dict | None = None, **kwargs) -> None:
        super().__init__(**kwargs)
        self.part_matrix = MODELS.build(part_matrix) if part_matrix else None

    def similarity(
        self, student: SkeletonFeatures, teacher: TeacherFeatures, labels: Tensor
    ) -> Tensor:
        """phi of Eq. 7, in [-1, 1], (N, K) float32."""
        parts = F.normalize(student.parts.float(), dim=-1)
        if self.part_matrix is None:
            parts = parts / parts.shape[1]
        else:
            parts = parts * self.part_matrix(labels)[..., None]
        return parts.flatten(1) @ F.normalize(teacher.parts.float(), dim=-1).flatten(1).T
