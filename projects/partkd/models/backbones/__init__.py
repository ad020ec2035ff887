from .masked_aagcn import MaskedAAGCN
from .masked_agcn import MaskedAGCN
from .masked_ctrgcn import MaskedCTRGCN
from .masked_efficientgcn import MaskedEfficientGCN
from .masked_pa_resgcn import MaskedPAResGCN
from .masked_pr_gcn import MaskedPRGCN
from .twin_network import TwinNetwork

__all__ = [
    'MaskedAAGCN',
    'MaskedAGCN',
    'MaskedCTRGCN',
    'MaskedEfficientGCN',
    'MaskedPAResGCN',
    'MaskedPRGCN',
    'TwinNetwork',
]
