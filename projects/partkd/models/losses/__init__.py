from .global_msc_loss import GlobalMSCLoss
from .graph_matching_loss import GraphMatchingLoss
from .info_nce_loss import InfoNCELoss
from .kl_loss import KLLoss
from .multi_sample_contrastive import MultiSampleContrastiveLoss, multi_sample_contrastive
from .pmsc_loss import PMSCLoss
from .predictive_coding_loss import PredictiveCodingLoss
from .reads import check_widths, features_read

__all__ = [
    'GlobalMSCLoss',
    'GraphMatchingLoss',
    'InfoNCELoss',
    'KLLoss',
    'MultiSampleContrastiveLoss',
    'PMSCLoss',
    'PredictiveCodingLoss',
    'check_widths',
    'features_read',
    'multi_sample_contrastive',
]
