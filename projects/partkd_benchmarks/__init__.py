"""Ratios of speed, measured side by side in one run. Nothing here is part of training."""

from .bank_memory import BankMemory, bank_memory
from .conversion import conversion
from .distillation import distilled_steps
from .feeding import feeding
from .part_matrix import part_matrix
from .scale import scale
from .side_by_side import Side, SideBySide, compare
from .training import training_steps

__all__ = [
    'BankMemory',
    'Side',
    'SideBySide',
    'bank_memory',
    'compare',
    'conversion',
    'distilled_steps',
    'feeding',
    'part_matrix',
    'scale',
    'training_steps',
]
