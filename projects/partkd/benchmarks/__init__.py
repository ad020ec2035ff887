"""Ratios of speed, measured side by side in one run. Nothing here is part of training."""

from .distillation import distilled_steps
from .side_by_side import Side, SideBySide, compare
from .training import training_steps

__all__ = ['Side', 'SideBySide', 'compare', 'distilled_steps', 'training_steps']
