"""What a dataset's deterministic transforms make of its clips, made once and read through maps."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from mmengine.logging import MMLogger

from .clips import Clips
from .columns import Column, ColumnWriter

DTYPES = ('float32', 'float16')
# What is stored in the dtype that was asked for; other arrays keep their own.
_COMPACT = ('keypoint', 'keypoint_score')


class ClipWriter:
    """Writes items of a pipeline, one at a time, so that no more than one is in memory.

    Args:
        folder (Path): An empty folder.
        dtype (str): ``'float32'`` or ``'float16'``, for coordinates and scores.
    """

    def __init__(self, folder: Path, dtype: str) -> None:
        self._folder = folder
        self._dtype = dtype
        self._names: list[bytes] = []
        self._columns: dict[str, ColumnWriter] = {}
        self._constants: dict[str, Any] | None = None

    def add(self, item: dict) -> None:
        """Writes the next clip.

        Args:
            item (dict): ``frame_dir``, ``label``, and whatever else the transforms have left:
                arrays, numbers, tuples of numbers, and values that all clips share.

        Raises:
            ValueError: If something of it cannot be stored.
        """
        item = {key: value for key, value in item.items() if key not in ('layout', 'test_mode')}
        name = item.pop('frame_dir')
        constants = {key: item.pop(key) for key in list(item) if _kind(item[key]) is None}
        if self._constants is None:
            self._constants = _checked_constants(constants)
        elif constants != self._constants:
            raise ValueError(f'clip {name} has {constants}, others {self._constants}: {_REMEDY}')
        for key, value in item.items():
            self._column(key, value).add(np.atleast_1d(value))
        for key in self._columns.keys() - item.keys():
            self._columns[key].skip()
        self._names.append(name.encode(errors='surrogatepass'))

    def close(self, **notes: Any) -> None:
        """Writes the index.

        Args:
            notes (Any): What to keep beside the clips, as JSON can hold it.
        """
        np.save(self._folder / 'names.npy', np.array(self._names, np.bytes_))
        columns = {key: column.close() for key, column in self._columns.items()}
        header = dict(columns=columns, constants=self._constants, **notes)
        (self._folder / 'clips.json').write_text(json.dumps(header), encoding='utf-8')

    def _column(self, key: str, value: Any) -> ColumnWriter:
        if key not in self._columns:
            dtype = self._dtype if key in _COMPACT else np.asarray(value).dtype
            column = ColumnWriter(self._folder, key, dtype, max(np.ndim(value), 1), _kind(value))
            column.skip(len(self._names))
            self._columns[key] = column
        return self._columns[key]


class CachedClips(Clips):
    """Clips of a folder that :class:`ClipWriter` filled.

    Args:
        folder (Path): The folder.
        rows (np.ndarray, optional): (N,) places of those to take. Defaults to None: all.
    """

    def __init__(self, folder: Path, rows: np.ndarray | None = None) -> None:
        self.folder = folder
        self.notes = json.loads((folder / 'clips.json').read_text(encoding='utf-8'))
        self.columns = {
            key: Column(folder, key, **column) for key, column in self.notes['columns'].items()
        }
        names = np.load(folder / 'names.npy', mmap_mode='r', allow_pickle=False)
        self.rows = np.arange(len(names)) if rows is None else rows
        labels = self._labels(len(names))
        super().__init__(
            np.asarray(names if rows is None else names[rows]),
            labels if rows is None else labels[rows],
            self.columns['keypoint'].shapes[self.rows, -4:-2].astype(np.int64),
        )

    def _labels(self, num_clips: int) -> np.ndarray:
        """Labels of all clips, -1 where there is none, (num_clips,) int64."""
        column = self.columns.get('label')
        if column is not None and column.size == num_clips:
            return column.numbers()
        labels = np.full(num_clips, -1, np.int64)
        if column is not None:
            labels[column.shapes[:, 0] >= 0] = column.numbers()
        return labels

    def __reduce__(self) -> tuple:
        """Another process opens the files itself."""
        return type(self), (self.folder, self.rows)

    def __getitem__(self, row: int) -> dict:
        """One item as the transforms have left it, without ``layout`` and ``test_mode``."""
        place = int(self.rows[row])
        item = {key: column.value(place) for key, column in self.columns.items()}
        item = {key: value for key, value in item.items() if value is not None}
        item['frame_dir'] = self.names[row].decode(errors='surrogatepass')
        return item | self.constants

    def take(self, rows: np.ndarray) -> 'CachedClips':
        """Some of the clips, (K,) places."""
        return CachedClips(self.folder, self.rows[rows])

    @cached_property
    def constants(self) -> dict:
        """What all clips share."""
        constants = self.notes['constants']
        return {key: tuple(v) if isinstance(v, list) else v for key, v in constants.items()}


def open_cache(
    folder: str | Path, made_from: dict, dtype: str, build: Callable[[ClipWriter], dict]
) -> CachedClips:
    """Opens the cache of a fingerprint, which is made first where it is not there.

    One process makes it, others wait. It appears whole or not at all.

    Args:
        folder (str | Path): The folder of all caches.
        made_from (dict): What the clips depend on, as JSON can hold it.
        dtype (str): See :class:`ClipWriter`.
        build (Callable[[ClipWriter], dict]): Adds all clips and returns what to note of them.

    Returns:
        CachedClips: The clips.
    """
    made_from = made_from | dict(dtype=dtype)
    text = json.dumps(made_from, sort_keys=True)
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    whole, part = Path(folder, name), Path(folder, f'.{name}.part')
    if not whole.is_dir():
        part.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(Path(folder, f'.{name}.lock')):
            if not whole.is_dir():
                MMLogger.get_current_instance().info(f'making the cache {whole}')
                shutil.rmtree(part, ignore_errors=True)  # of a process that was killed
                part.mkdir()
                writer = ClipWriter(part, dtype)
                writer.close(**build(writer), made_from=made_from)
                os.rename(part, whole)
    return CachedClips(whole)


_REMEDY = 'such an item cannot be stored; put the transform behind the random ones, or cache=None'


def _kind(value: Any) -> str | None:
    """How a value is stored; None for one that all clips have to share."""
    if isinstance(value, np.ndarray) and value.dtype.kind in 'biuf' and value.ndim:
        return 'array'
    if isinstance(value, (bool, int, float, np.number)):
        return 'number'
    numbers = isinstance(value, tuple) and value and _are_numbers(value)
    return 'tuple' if numbers else None


def _are_numbers(values: Iterable) -> bool:
    return all(isinstance(value, (int, float)) for value in values)


def _checked_constants(constants: dict) -> dict:
    for key, value in constants.items():
        values = value if isinstance(value, tuple) else (value,)
        if not all(isinstance(one, (str, type(None))) for one in values):
            raise ValueError(f'{key} is a {type(value).__name__}: {_REMEDY}')
    return constants
