"""Ratios of speed, measured side by side in one run. Nothing here is part of training."""

from .feeding import feeding
from .scale import scale
from .side_by_side import Side, SideBySide, compare

__all__ = ['Side', 'SideBySide', 'compare', 'feeding', 'scale']
