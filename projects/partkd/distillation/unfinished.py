"""Arrays that are computed bit by bit, so that an interrupted computation goes on."""

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from partkd.files import replacing, write_atomically

from .stored_rows import StoredRows

_RECORD = 'progress.json'


class UnfinishedRows:
    """Rows of several arrays, in a folder that keeps them when the process ends.

    A context manager: nobody else can work in the folder meanwhile. What was written counts once
    it is on the disk for certain, which is seen to every few seconds and when an error or an
    interruption ends the context.

    Args:
        folder (Path): The folder, which is made.
        made_from (Mapping[str, str]): What the rows depend on. Rows of something else are
            thrown away.
        num_rows (int): K, how many rows there will be.

    Attributes:
        done (int): How many rows are there.
    """

    seconds_between_records = 5.0

    def __init__(self, folder: Path, made_from: Mapping[str, str], num_rows: int) -> None:
        self.folder = folder
        self.made_from = dict(made_from)
        self.num_rows = num_rows
        self.done = 0
        self._lock = FileLock(folder / 'lock', blocking=False)

    def __enter__(self) -> 'UnfinishedRows':
        """Go on with what is there, or start anew.

        Raises:
            RuntimeError: If another process is at work in the folder.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except Timeout:
            raise RuntimeError(
                f'another process is at work in {self.folder}: wait until it is done, or stop it'
            ) from None
        record = self._read_record()
        if record.get('made_from') == self.made_from:
            self.done = record['done']
        else:
            for file in (*self.folder.glob('*.npy'), *self.folder.glob(_RECORD)):
                file.unlink()
        self._record()
        return self

    def __exit__(self, *error) -> None:
        """Keep what was written, unless all of it was finished."""
        try:
            if self.folder.is_dir():
                self._record()
        finally:
            self._lock.release()

    def write(self, rows: np.ndarray, values: Mapping[str, np.ndarray]) -> None:
        """Write the next rows of every array.

        Args:
            rows (np.ndarray): Their places, (n,) int, in an order that is always the same.
            values (Mapping[str, np.ndarray]): By name, (n, ...).
        """
        for name, value in values.items():
            file = self.file(name)
            if file.is_file():
                array = StoredRows.open(file)
            else:
                array = StoredRows.create(file, (self.num_rows, *value.shape[1:]), value.dtype)
            array.write(rows, value)
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

    def discard(self) -> None:
        """Remove the folder: all is finished and stored elsewhere."""
        shutil.rmtree(self.folder)

    def _record(self) -> None:
        for file in self.folder.glob('*.npy'):
            with file.open('r+b') as content:
                os.fsync(content.fileno())
        record = dict(made_from=self.made_from, done=self.done)
        write_atomically(self.folder / _RECORD, json.dumps(record))
        self._recorded = time.monotonic()

    def _read_record(self) -> dict:
        try:
            return json.loads((self.folder / _RECORD).read_text(encoding='utf-8'))
        except (OSError, ValueError):
            return {}
