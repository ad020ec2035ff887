"""Arrays that are computed bit by bit, so that an interrupted computation goes on."""

import json
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from partkd.files import MappedRows, naming_errors, replacing, reserve, write_atomically

_PROGRESS = 'progress.json'
_PLACES = 'places'  # of the rows, in the order in which they were written
_CHUNK = 1024
# What a note or a file that anything has happened to may end in.
_DAMAGE = (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)


class ResumableRows:
    """Rows of several arrays in a folder, which keeps them when the process ends.

    A context manager. What was written counts once it is on the disk for certain, which is seen to
    every few seconds and when an error or an interruption ends the context. It is gone on with
    where all of it is as it was written, by its checksums, else computed again.

    Args:
        folder (Path): The folder. What is there is gone on with; who makes a folder once
            (:class:`partkd.files.MadeOnce`) sees to it that it is of the same computation.
        num_rows (int): K, how many rows there will be.

    Attributes:
        done (int): How many rows are there.
    """

    seconds_between_records = 5.0

    def __init__(self, folder: Path, num_rows: int) -> None:
        self.folder = folder
        self.num_rows = num_rows
        self.done = 0
        self._arrays: dict[str, np.memmap] = {}
        self._sums: dict[str, int] = {}
        self._sums_once: dict[str, int] = {}

    def __enter__(self) -> 'ResumableRows':
        """Go on with what is there, unless it is damaged."""
        with suppress(*_DAMAGE):
            self._go_on(json.loads((self.folder / _PROGRESS).read_text(encoding='utf-8')))
        self._recorded = time.monotonic()
        return self

    def __exit__(self, *error: object) -> None:
        """Keep what was written."""
        self._record()

    def write(self, rows: np.ndarray, values: Mapping[str, np.ndarray]) -> None:
        """Write the next rows of every array.

        Args:
            rows (np.ndarray): Their places, (n,) int, in an order that is always the same.
            values (Mapping[str, np.ndarray]): By name, (n, ...).
        """
        order = slice(self.done, self.done + len(rows))
        for name, value in {**values, _PLACES: np.asarray(rows, np.int64)}.items():
            if name not in self._arrays:
                shape = (self.num_rows, *value.shape[1:])
                self._arrays[name] = _make(self.file(name), value.dtype, shape)
            self._arrays[name][order if name == _PLACES else rows] = value
            self._sums[name] = zlib.crc32(np.ascontiguousarray(value).data, self._sums.get(name, 0))
        self.done += len(rows)
        if time.monotonic() - self._recorded > self.seconds_between_records:
            self._record()

    def once(self, name: str, compute: Callable[[], np.ndarray]) -> np.ndarray:
        """Something that is computed first and kept with the rows.

        Args:
            name (str): Its name.
            compute (Callable[[], np.ndarray]): Computes it.

        Returns:
            np.ndarray: What it gave, now or before the interruption.
        """
        if name not in self._sums_once:
            value = compute()
            with replacing(self.file(name)) as content:
                np.save(content, value, allow_pickle=False)
            self._sums_once[name] = zlib.crc32(self.file(name).read_bytes())
            self._record()
        return np.load(self.file(name), allow_pickle=False)

    def file(self, name: str) -> Path:
        """The ``.npy`` file of an array.

        Args:
            name (str): Its name.

        Returns:
            Path: The file.
        """
        return self.folder / f'{name}.npy'

    def _go_on(self, note: dict) -> None:
        """Take over what a note tells of."""
        self._sums_once = {
            name: value
            for name, value in note['once'].items()
            if self.file(name).is_file() and zlib.crc32(self.file(name).read_bytes()) == value
        }
        done, sums = note['done'], dict(note['arrays'])
        if type(done) is not int or not 0 < done <= self.num_rows:
            return
        arrays = {name: _open(self.file(name)) for name in sums}
        places = np.array(arrays[_PLACES][:done])
        for name, array in arrays.items():
            order = np.arange(done) if name == _PLACES else places
            if len(array) != self.num_rows or _checksum(array, order) != sums[name]:
                return
        self.done, self._arrays, self._sums = done, arrays, sums

    def _record(self) -> None:
        for array in self._arrays.values():
            array.flush()
        progress = dict(done=self.done, arrays=[*self._sums.items()], once=self._sums_once)
        write_atomically(self.folder / _PROGRESS, json.dumps(progress))
        self._recorded = time.monotonic()


def _make(file: Path, dtype: np.dtype, shape: tuple[int, ...]) -> np.memmap:
    """A new array to write to, with room on the disk for all of it."""
    with naming_errors(file):
        array = np.lib.format.open_memmap(file, 'w+', dtype, shape)
    reserve(file, file.stat().st_size)
    return array


def _open(file: Path) -> np.memmap:
    """An array to write to; numpy would fill up a file that was cut short."""
    if not len(MappedRows(file).values):
        raise ValueError(f'{file} has no rows')
    return np.lib.format.open_memmap(file, 'r+')


def _checksum(array: np.ndarray, places: np.ndarray) -> int:
    """What :meth:`ResumableRows.write` adds up over rows that are written in this order."""
    value = 0
    for start in range(0, len(places), _CHUNK):
        rows = array[places[start : start + _CHUNK]]
        value = zlib.crc32(np.ascontiguousarray(rows).data, value)
    return value
