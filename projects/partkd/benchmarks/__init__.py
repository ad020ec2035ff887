"""Ratios of speed, measured side by side in one run. Nothing here is part of training."""

from .side_by_side import Side, SideBySide, compare

__all__ = ['Side', 'SideBySide', 'compare']
