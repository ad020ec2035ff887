from .part_adapter import PartAdapter
from .part_pooling import PartPooling

__all__ = ['PartAdapter', 'PartPooling']
