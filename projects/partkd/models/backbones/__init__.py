from .masked_aagcn import MaskedAAGCN
from .masked_agcn import MaskedAGCN
from .masked_ctrgcn import MaskedCTRGCN

__all__ = ['MaskedAAGCN', 'MaskedAGCN', 'MaskedCTRGCN']
