"""PartKD: part-level knowledge distillation for action recognition from poor skeletons."""

# The shims come first: without them `import mmaction.models` fails, so nothing may precede them.
from partkd.compat import install_shims

install_shims()

from partkd.datasets import LengthGroupedBatchSampler, PairedPoseDataset
from partkd.distillation import FeatureBank, FrozenTeacher, PartMatrix
from partkd.engine import BFloat16OptimWrapper, EpochSeedHook, KeepMemoryHook, TeacherFilesHook
from partkd.layouts import PART_NAMES, PoseLayout, get_layout, layout_names
from partkd.models import (
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
from partkd.structures import GroupedLoss, SkeletonBatch, SkeletonFeatures, TeacherFeatures
from partkd.version import __version__

__all__ = [
    'PART_NAMES',
    'BFloat16OptimWrapper',
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
    'TeacherFilesHook',
    '__version__',
    'get_layout',
    'layout_names',
]
