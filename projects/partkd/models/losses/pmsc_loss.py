from typing import Any, Literal

import torch.nn.functional as F
from mmaction.registry import MODELS
from torch import Tensor

from partkd.arguments import checked
from partkd.structures import SkeletonFeatures, TeacherFeatures

from .multi_sample_contrastive import MultiSampleContrastiveLoss


@MODELS.register_module()
class PMSCLoss(MultiSampleContrastiveLoss):
    """Part-level multi-sample contrastive loss (method paper, Eq. 6-11).

    The similarity of a student clip to a teacher clip is the sum over the five parts of the
    cosine of their part features, weighted by how much each part matters for the student clip's
    action.

    Args:
        reads (str): ``'parts'``, means over all of a clip's time (the paper), or
            ``'segments'``: the cosine of a part is then the mean of the cosines of its S stretches
            of time, so that when a part moves is compared as well. Defaults to ``'parts'``.
        part_matrix (dict, optional): Config of the weights E, ``dict(type='PartMatrix',
            folder=...)``. Defaults to None, all parts alike.
        **kwargs: Of :class:`MultiSampleContrastiveLoss`: ``positive_weight``, ``temperature``,
            ``loss_weight``.
    """

    name = 'pmsc'

    @checked
    def __init__(
        self,
        reads: Literal['parts', 'segments'] = 'parts',
        part_matrix: dict | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.reads = (reads,)
        self.part_matrix = MODELS.build(part_matrix) if part_matrix else None

    def similarity(
        self, student: SkeletonFeatures, teacher: TeacherFeatures, labels: Tensor
    ) -> Tensor:
        """phi of Eq. 7, in [-1, 1], (N, K) float32."""
        mine, theirs = self._segments(student), self._segments(teacher)
        if mine.shape[1] != theirs.shape[1]:
            raise ValueError(
                f'the student has {mine.shape[1]} segments, the teacher {theirs.shape[1]}: set '
                'model.neck.num_segments of both to the same'
            )
        num_segments, num_parts = mine.shape[1:3]
        if self.part_matrix is None:
            mine = mine / num_parts
        else:
            mine = mine * self.part_matrix(labels)[:, None, :, None]
        return mine.flatten(1) @ theirs.flatten(1).T / num_segments

    def _segments(self, features: SkeletonFeatures | TeacherFeatures) -> Tensor:
        """Unit vectors, (N, S, parts, C) float32; S is 1 for parts."""
        reads_segments = self.reads == ('segments',)
        segments = features.segments if reads_segments else features.parts[:, None]
        return F.normalize(segments.float(), dim=-1)
