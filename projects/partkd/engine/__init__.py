"""Hooks, optimizer wrappers and the runner, for configs."""

from .checkpoint_hook import AtomicCheckpointHook
from .epoch_seed_hook import EpochSeedHook
from .gradient_revision import (
    BFloat16GradientRevisionOptimWrapper,
    GradientRevisionOptimWrapper,
)
from .keep_memory_hook import KeepMemoryHook
from .optim_wrapper import BFloat16OptimWrapper
from .runner import CheckedRunner

__all__ = [
    'AtomicCheckpointHook',
    'BFloat16GradientRevisionOptimWrapper',
    'BFloat16OptimWrapper',
    'CheckedRunner',
    'EpochSeedHook',
    'GradientRevisionOptimWrapper',
    'KeepMemoryHook',
]
