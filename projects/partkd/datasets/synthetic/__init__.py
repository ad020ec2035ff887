"""Generated motions of people, as a teacher and as a poor estimator would see them."""

from .actions import ACTIONS
from .generate import make_synthetic

__all__ = ['ACTIONS', 'make_synthetic']
