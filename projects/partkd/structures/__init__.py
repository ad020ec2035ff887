"""What flows between the rooms: batches, the features of a student, the features of a teacher."""

from .clip_batch import ClipBatch, PendingBatch
from .features import CLIP_FEATURES, SkeletonBatch, SkeletonFeatures, TeacherFeatures

__all__ = [
    'CLIP_FEATURES',
    'ClipBatch',
    'PendingBatch',
    'SkeletonBatch',
    'SkeletonFeatures',
    'TeacherFeatures',
]
