from .backbones import MaskedAAGCN
from .data_preprocessors import SkeletonDataPreprocessor
from .deployment import ExportedRecognizer, to_onnx
from .heads import SkeletonHead
from .losses import (
    GlobalMSCLoss,
    KLLoss,
    MultiSampleContrastiveLoss,
    PMSCLoss,
    multi_sample_contrastive,
)
from .necks import PartAdapter, PartPooling
from .recognizers import KDRecognizer, SkeletonRecognizer

__all__ = [
    'ExportedRecognizer',
    'GlobalMSCLoss',
    'KDRecognizer',
    'KLLoss',
    'MaskedAAGCN',
    'MultiSampleContrastiveLoss',
    'PMSCLoss',
    'PartAdapter',
    'PartPooling',
    'SkeletonDataPreprocessor',
    'SkeletonHead',
    'SkeletonRecognizer',
    'multi_sample_contrastive',
    'to_onnx',
]
