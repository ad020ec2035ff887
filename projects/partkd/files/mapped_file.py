"""Files that are larger than memory should be, read through maps."""

import mmap
from functools import cached_property
from pathlib import Path

import numpy as np

# Pages that were read stay in the memory of a process until they are given back.
_RESIDENT_BYTES = 128 << 20
# One look at a map brings in its surroundings (fault-around of Linux).
_BYTES_PER_LOOK = 64 << 10


class MappedFile:
    """A file read through a map of which little stays in the memory of the process.

    It is opened when it is first read, so that another process can be handed it.

    Args:
        path (str | Path): The file.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._read = 0

    def __reduce__(self) -> tuple:
        return type(self), (self.path,)

    @cached_property
    def content(self) -> mmap.mmap:
        """All bytes of the file; what is read of them is to be counted."""
        with self.path.open('rb') as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def count(self, looks: int, size: int) -> None:
        """Give pages back from time to time; the system still has them, if there is room.

        Args:
            looks (int): At how many places of the file was read, more or less.
            size (int): How many bytes.
        """
        self._read += looks * _BYTES_PER_LOOK + size
        if self._read > _RESIDENT_BYTES:
            self._read = 0
            if len(self.content) > _RESIDENT_BYTES and hasattr(mmap, 'MADV_DONTNEED'):
                self.content.madvise(mmap.MADV_DONTNEED)


class MappedRows(MappedFile):
    """The rows of an array in an ``.npy`` file, of which few are wanted at a time.

    Args:
        path (str | Path): The file.
    """

    @cached_property
    def values(self) -> np.ndarray:
        """The array, read-only.

        Raises:
            ValueError: If the file is no array of numbers whose rows lie one after the other.
        """
        with self.path.open('rb') as file:
            version = np.lib.format.read_magic(file)
            if version != (1, 0):
                raise ValueError(f'{self.path} is an array of format {version}, not (1, 0)')
            shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
            start = file.tell()
        if is_fortran or dtype.hasobject or not shape:
            raise ValueError(
                f'{self.path} is an array {shape} of {dtype} whose rows do not lie one after the '
                'other'
            )
        size = int(np.prod(shape)) * dtype.itemsize
        if self.path.stat().st_size != start + size:
            raise ValueError(f'{self.path} is not as long as it says')
        return np.frombuffer(self.content, dtype, size // dtype.itemsize, start).reshape(shape)

    def take(self, rows: np.ndarray) -> np.ndarray:
        """A copy of some rows.

        Args:
            rows (np.ndarray): Which ones, (n,) int64.

        Returns:
            np.ndarray: (n, ...).
        """
        taken = self.values.take(rows, axis=0)
        self.count(len(rows), taken.nbytes)
        return taken
