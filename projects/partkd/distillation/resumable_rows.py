"""Arrays that are computed bit by bit, so that an interrupted computation goes on."""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from partkd.files import MappedRows, replacing, write_atomically

_PROGRESS = 'progress.json'


class ResumableRows:
    """Rows of several arrays in a folder, which keeps them when the process ends.

    A context manager. What was written counts once it is on the disk for certain, which is seen to
    every few seconds and when an error or an interruption ends the context.

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

    def __enter__(self) -> 'ResumableRows':
        """Go on with what is there, unless it is damaged."""
        try:
            progress = json.loads((self.folder / _PROGRESS).read_text(encoding='utf-8'))
            done, files = int(progress['done']), map(self.file, progress['arrays'])
            arrays = {file.stem: _open(file) for file in files}
        except (OSError, ValueError, TypeError, KeyError):
            done, arrays = 0, {}
        if 0 < done <= self.num_rows and {len(a) for a in arrays.values()} == {self.num_rows}:
            self.done, self._arrays = done, arrays
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
        for name, value in values.items():
            if name not in self._arrays:
                shape = (self.num_rows, *value.shape[1:])
                self._arrays[name] = np.lib.format.open_memmap(
                    self.file(name), 'w+', value.dtype, shape
                )
            self._arrays[name][rows] = value
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
        if not self.file(name).is_file():
            value = compute()
            with replacing(self.file(name)) as content:
                np.save(content, value, allow_pickle=False)
        return np.load(self.file(name), allow_pickle=False)

    def file(self, name: str) -> Path:
        """The ``.npy`` file of an array.

        Args:
            name (str): Its name.

        Returns:
            Path: The file.
        """
        return self.folder / f'{name}.npy'

    def _record(self) -> None:
        for array in self._arrays.values():
            array.flush()
        progress = dict(done=self.done, arrays=list(self._arrays))
        write_atomically(self.folder / _PROGRESS, json.dumps(progress))
        self._recorded = time.monotonic()


def _open(file: Path) -> np.memmap:
    """An array to write to; numpy would fill up a file that was cut short."""
    if not len(MappedRows(file).values):
        raise ValueError(f'{file} has no rows')
    return np.lib.format.open_memmap(file, 'r+')
