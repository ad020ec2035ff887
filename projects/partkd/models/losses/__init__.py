from .global_msc_loss import GlobalMSCLoss
from .kl_loss import KLLoss
from .multi_sample_contrastive import MultiSampleContrastiveLoss, multi_sample_contrastive
from .pmsc_loss import PMSCLoss

__all__ = [
    'GlobalMSCLoss',
    'KLLoss',
    'MultiSampleContrastiveLoss',
    'PMSCLoss',
    'multi_sample_contrastive',
]
