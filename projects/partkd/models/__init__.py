from .backbones import (
    MaskedAAGCN,
    MaskedAGCN,
    MaskedCTRGCN,
    MaskedEfficientGCN,
    MaskedPAResGCN,
    MaskedPRGCN,
    TwinNetwork,
)
from .data_preprocessors import SkeletonDataPreprocessor
from .deployment import (
    ExportedRecognizer,
    kernel_frames,
    to_int8,
    to_onnx,
    to_program,
    to_winograd,
)
from .encoders import SkeletonEncoder
from .grouped_loss_model import GroupedLossModel
from .heads import SkeletonHead
from .losses import (
    GlobalMSCLoss,
    GraphMatchingLoss,
    InfoNCELoss,
    KLLoss,
    MultiSampleContrastiveLoss,
    PMSCLoss,
    PredictiveCodingLoss,
    features_read,
    multi_sample_contrastive,
)
from .necks import CluePooling, PartAdapter, PartPooling
from .pretrainers import ContrastivePretrainer
from .recognizers import (
    CrossGraphRecognizer,
    KDRecognizer,
    PredictiveRecognizer,
    RichlyActivatedRecognizer,
    SkeletonRecognizer,
)

__all__ = [
    'CluePooling',
    'ContrastivePretrainer',
    'CrossGraphRecognizer',
    'ExportedRecognizer',
    'GlobalMSCLoss',
    'GraphMatchingLoss',
    'GroupedLossModel',
    'InfoNCELoss',
    'KDRecognizer',
    'KLLoss',
    'MaskedAAGCN',
    'MaskedAGCN',
    'MaskedCTRGCN',
    'MaskedEfficientGCN',
    'MaskedPAResGCN',
    'MaskedPRGCN',
    'MultiSampleContrastiveLoss',
    'PMSCLoss',
    'PartAdapter',
    'PartPooling',
    'PredictiveCodingLoss',
    'PredictiveRecognizer',
    'RichlyActivatedRecognizer',
    'SkeletonDataPreprocessor',
    'SkeletonEncoder',
    'SkeletonHead',
    'SkeletonRecognizer',
    'TwinNetwork',
    'features_read',
    'multi_sample_contrastive',
    'kernel_frames',
    'to_int8',
    'to_onnx',
    'to_program',
    'to_winograd',
]
