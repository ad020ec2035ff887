from .clue_pooling import CluePooling
from .part_adapter import PartAdapter
from .part_pooling import PartPooling

__all__ = ['CluePooling', 'PartAdapter', 'PartPooling']
