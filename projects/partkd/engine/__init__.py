"""Hooks, optimizer wrappers and the runner, for configs."""

from .checkpoint_hook import AtomicCheckpointHook
from .epoch_seed_hook import EpochSeedHook
from .keep_memory_hook import KeepMemoryHook
from .optim_wrapper import BFloat16OptimWrapper
from .runner import CheckedRunner

__all__ = [
    'AtomicCheckpointHook',
    'BFloat16OptimWrapper',
    'CheckedRunner',
    'EpochSeedHook',
    'KeepMemoryHook',
]
