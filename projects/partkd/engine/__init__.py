"""Hooks and optimizer wrappers."""

from .epoch_seed_hook import EpochSeedHook
from .keep_memory_hook import KeepMemoryHook
from .optim_wrapper import BFloat16OptimWrapper
from .teacher_files_hook import TeacherFilesHook

__all__ = ['BFloat16OptimWrapper', 'EpochSeedHook', 'KeepMemoryHook', 'TeacherFilesHook']
