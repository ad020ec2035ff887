from .masked_aagcn import MaskedAAGCN

__all__ = ['MaskedAAGCN']
