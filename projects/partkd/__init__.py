"""PartKD: part-level knowledge distillation for action recognition from poor skeletons."""

# The shims come first: without them `import mmaction.models` fails, so nothing may precede them.
from .compat import install_shims

install_shims()

from .datasets import LengthGroupedBatchSampler, PairedPoseDataset
from .distillation import FeatureBank, FrozenTeacher, PartMatrix
from .engine import (
    AtomicCheckpointHook,
    BFloat16OptimWrapper,
    CheckedRunner,
    EpochSeedHook,
    KeepMemoryHook,
)
from .layouts import PART_NAMES, PoseLayout, get_layout, layout_names
from .models import (
    GlobalMSCLoss,
    GroupedLossModel,
    KDRecognizer,
    KLLoss,
    PartAdapter,
    PartPooling,
    PMSCLoss,
    SkeletonDataPreprocessor,
    SkeletonEncoder,
    SkeletonHead,
    SkeletonRecognizer,
)
from .structures import GroupedLoss, SkeletonBatch, SkeletonFeatures, TeacherFeatures
from .version import __version__

__all__ = [
    'PART_NAMES',
    'AtomicCheckpointHook',
    'BFloat16OptimWrapper',
    'CheckedRunner',
    'EpochSeedHook',
    'FeatureBank',
    'FrozenTeacher',
    'GlobalMSCLoss',
    'GroupedLoss',
    'GroupedLossModel',
    'KDRecognizer',
    'KLLoss',
    'KeepMemoryHook',
    'LengthGroupedBatchSampler',
    'PMSCLoss',
    'PairedPoseDataset',
    'PartAdapter',
    'PartMatrix',
    'PartPooling',
    'PoseLayout',
    'SkeletonBatch',
    'SkeletonDataPreprocessor',
    'SkeletonEncoder',
    'SkeletonFeatures',
    'SkeletonHead',
    'SkeletonRecognizer',
    'TeacherFeatures',
    '__version__',
    'get_layout',
    'layout_names',
]
