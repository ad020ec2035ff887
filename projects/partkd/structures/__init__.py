"""What flows between the rooms: batches, the features of a student, the features of a teacher,
the losses of a step."""

from .clip_batch import ClipBatch, PendingBatch
from .features import (
    CLIP_FEATURES,
    SkeletonBatch,
    SkeletonFeatures,
    TeacherFeatures,
    tensors_of,
)
from .grouped_loss import GroupedLoss

__all__ = [
    'CLIP_FEATURES',
    'ClipBatch',
    'GroupedLoss',
    'PendingBatch',
    'SkeletonBatch',
    'SkeletonFeatures',
    'TeacherFeatures',
    'tensors_of',
]
