"""Ratios of speed, measured side by side in one run. Nothing here is part of training."""

from .bank_memory import BankMemory, bank_memory
from .distillation import distilled_steps
from .part_matrix import part_matrix
from .side_by_side import Side, SideBySide, compare
from .training import training_steps

__all__ = [
    'BankMemory',
    'Side',
    'SideBySide',
    'bank_memory',
    'compare',
    'distilled_steps',
    'part_matrix',
    'training_steps',
]
