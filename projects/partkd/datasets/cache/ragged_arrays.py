"""Numbers of many clips in few files: one file for all arrays of one name, read through a map."""

from array import array
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from partkd.files import MappedFile


class RaggedArrayWriter:
    """Writes one array of every clip, one after the other.

    Args:
        folder (Path): Where to.
        name (str): What the arrays are.
        dtype (str | np.dtype): What they are stored as.
        ndim (int): How many axes each has, 1 or more.
        kind (str): What a reader gets: ``'array'``, ``'tuple'`` or ``'number'``.
    """

    def __init__(
        self, folder: Path, name: str, dtype: str | np.dtype, ndim: int, kind: str
    ) -> None:
        self.dtype = np.dtype(dtype)
        self.ndim = ndim
        self.kind = kind
        self._path = folder / name
        self._file = Path(f'{self._path}.bin').open('wb')  # noqa: SIM115  (until close)
        self._shapes = array('i')

    @property
    def files(self) -> list[str]:
        """Names of the files that are there once it is closed."""
        return [f'{self._path.name}{suffix}' for suffix in ('.bin', '.shape.npy', '.start.npy')]

    def add(self, values: np.ndarray) -> None:
        """Writes the array of the next clip.

        Raises:
            ValueError: If the array is of another form than those before, or if its values do
                not fit in the dtype.
        """
        name = self._path.name
        if values.ndim != self.ndim:
            raise ValueError(f'{name} has {values.ndim} axes, in other clips {self.ndim}')
        if not np.can_cast(values.dtype, self.dtype, 'same_kind'):
            raise ValueError(f'{name} is {values.dtype}, in other clips {self.dtype}')
        with np.errstate(over='ignore'):
            stored = np.ascontiguousarray(values, self.dtype)
        if self.dtype == np.float16 and not np.isfinite(stored).all():
            raise ValueError(
                f'{name} holds {np.abs(values).max():.4g}, which float16 cannot: set '
                "cache.dtype='float32', or normalise first"
            )
        self._file.write(stored.data)
        self._shapes.extend(values.shape)

    def skip(self, clips: int = 1) -> None:
        """Notes that the next clips have no such array."""
        self._shapes.extend([-1] * self.ndim * clips)

    def close(self) -> dict:
        """Writes where each array starts; returns what a reader has to know."""
        self._file.close()
        shapes = np.frombuffer(self._shapes, np.int32).reshape(-1, self.ndim)
        sizes = shapes.clip(min=0).prod(axis=1, dtype=np.int64)
        np.save(f'{self._path}.shape.npy', shapes)
        np.save(f'{self._path}.start.npy', np.cumsum(sizes) - sizes)
        total = int(sizes.sum())
        return dict(dtype=self.dtype.str, kind=self.kind, size=total)


class RaggedArray:
    """Reads what a :class:`RaggedArrayWriter` wrote; files are opened when they are first read.

    Args:
        folder (Path): Where it is.
        name (str): What the arrays are.
        dtype (str): What they are stored as.
        kind (str): ``'array'``, ``'tuple'`` or ``'number'``.
        size (int): How many numbers there are.
    """

    def __init__(self, folder: Path, name: str, dtype: str, kind: str, size: int) -> None:
        self.dtype = np.dtype(dtype)
        self.kind = kind
        self.size = size
        self._path = folder / name
        self._file = MappedFile(f'{self._path}.bin')

    @cached_property
    def shapes(self) -> np.ndarray:
        """Shape of every clip's array, (N, ndim) int32; -1 where it has none."""
        return np.load(f'{self._path}.shape.npy', mmap_mode='r', allow_pickle=False)

    @cached_property
    def starts(self) -> np.ndarray:
        """Place of every clip's first number, (N,) int64."""
        return np.load(f'{self._path}.start.npy', mmap_mode='r', allow_pickle=False)

    @cached_property
    def _values(self) -> np.ndarray:
        return np.frombuffer(self._file.content, self.dtype)

    def value(self, row: int) -> Any:
        """What one clip has: a copy of its array, a tuple, a number, or None.

        float16 becomes float32.
        """
        shape = self.shapes[row].tolist()
        if shape[0] < 0:
            return None
        start = int(self.starts[row])
        values = self._values[start : start + int(np.prod(shape))].reshape(shape)
        self._file.count(1, values.nbytes)
        if self.kind == 'number':
            return values[0].item()
        if self.kind == 'tuple':
            return tuple(values.tolist())
        return values.astype(np.float32 if self.dtype == np.float16 else self.dtype)

    def numbers(self) -> np.ndarray:
        """The numbers of all clips that have one, in their order, (N,) or fewer."""
        return self._values

    def take(self, places: np.ndarray, width: int, looks: int) -> np.ndarray:
        """Stretches of one length from anywhere.

        Args:
            places (np.ndarray): (...) int64, in units of `width` numbers.
            width (int): Numbers of one stretch.
            looks (int): In how many parts of the file these places are, more or less.

        Returns:
            np.ndarray: (..., width), as they are stored.
        """
        taken = self._values.reshape(-1, width).take(places, axis=0)
        self._file.count(looks, taken.nbytes)
        return taken
