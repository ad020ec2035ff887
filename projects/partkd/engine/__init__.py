"""Hooks and optimizer wrappers."""

from .epoch_seed_hook import EpochSeedHook
from .optim_wrapper import BFloat16OptimWrapper
from .teacher_files_hook import TeacherFilesHook

__all__ = ['BFloat16OptimWrapper', 'EpochSeedHook', 'TeacherFilesHook']
