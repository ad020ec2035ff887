"""What flows between the rooms: batches, the features of a student, the features of a teacher,
the losses of a step, the weights of a model; rows of all processes; and the refusal of
what is no number."""

from .clip_batch import ClipBatch, PendingBatch
from .features import (
    CLIP_FEATURES,
    SkeletonBatch,
    SkeletonFeatures,
    TeacherFeatures,
    tensors_of,
)
from .finite import NonFiniteError, require_finite
from .gather import gather_rows
from .grouped_loss import GroupedLoss
from .weights import load_checkpoint, load_weights

__all__ = [
    'CLIP_FEATURES',
    'ClipBatch',
    'GroupedLoss',
    'NonFiniteError',
    'PendingBatch',
    'SkeletonBatch',
    'SkeletonFeatures',
    'TeacherFeatures',
    'gather_rows',
    'load_checkpoint',
    'load_weights',
    'require_finite',
    'tensors_of',
]
