"""How much memory processes take."""

from pathlib import Path


def peak_memory(process: int | str = 'self') -> int:
    """The most memory that a process has had, ``VmHWM`` of Linux.

    Args:
        process (int | str): Its number. Defaults to ``'self'``, this one.

    Returns:
        int: Bytes; 0 where the process has ended.
    """
    try:
        status = Path('/proc', str(process), 'status').read_text(encoding='ascii')
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith('VmHWM')), 'VmHWM: 0')
    return 1024 * int(line.split()[1])
