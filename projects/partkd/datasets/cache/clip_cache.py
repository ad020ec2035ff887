"""What a dataset's deterministic transforms make of its clips, made once and read through maps."""

import json
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypedDict

import numpy as np
from mmengine.logging import MMLogger

from partkd.datasets.annotations import Clips
from partkd.files import ChangedError, MadeOnce, digest

from .ragged_arrays import RaggedArray, RaggedArrayWriter

CACHE_SETTINGS = "dict(folder=..., dtype=one of ('float32', 'float16'))"


class _Folder(TypedDict):
    folder: str


class CacheSettings(_Folder, total=False):
    """Where clips are cached, and as what if not in float32."""

    dtype: Literal['float32', 'float16']


# What is stored in the dtype that was asked for; other arrays keep their own.
_COMPACT = ('keypoint', 'keypoint_score')
_INDEX, _NAMES = 'clips.json', 'names.npy'


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
        self._arrays: dict[str, RaggedArrayWriter] = {}
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
        constants: dict[str, Any] = {}
        stored: dict[str, tuple[Any, str]] = {}
        for key, value in item.items():
            kind = _kind(value)
            if kind is None:
                constants[key] = value
            else:
                stored[key] = value, kind
        if self._constants is None:
            self._constants = _checked_constants(constants)
        elif constants != self._constants:
            raise ValueError(f'clip {name} has {constants}, others {self._constants}: {_REMEDY}')
        for key, (value, kind) in stored.items():
            self._array(key, value, kind).add(np.atleast_1d(value))
        for key in self._arrays.keys() - stored.keys():
            self._arrays[key].skip()
        self._names.append(name.encode(errors='surrogatepass'))

    def close(self, **notes: Any) -> list[str]:
        """Writes the index.

        Args:
            notes (Any): What to keep beside the clips, as JSON can hold it.

        Returns:
            list[str]: Names of all files.
        """
        np.save(self._folder / _NAMES, np.array(self._names, np.bytes_))
        arrays = {key: array.close() for key, array in self._arrays.items()}
        header = dict(arrays=arrays, constants=self._constants, **notes)
        (self._folder / _INDEX).write_text(json.dumps(header), encoding='utf-8')
        return [_INDEX, _NAMES, *(file for array in self._arrays.values() for file in array.files)]

    def _array(self, key: str, value: Any, kind: str) -> RaggedArrayWriter:
        if key not in self._arrays:
            dtype = self._dtype if key in _COMPACT else np.asarray(value).dtype
            array = RaggedArrayWriter(self._folder, key, dtype, max(np.ndim(value), 1), kind)
            array.skip(len(self._names))
            self._arrays[key] = array
        return self._arrays[key]


class CachedClips(Clips):
    """Clips of a folder that :class:`ClipWriter` filled.

    Args:
        folder (Path): The folder.
        rows (np.ndarray, optional): (N,) places of those to take. Defaults to None: all.
    """

    def __init__(self, folder: Path, rows: np.ndarray | None = None) -> None:
        self.folder = folder
        self.notes = json.loads((folder / _INDEX).read_text(encoding='utf-8'))
        self.arrays = {
            key: RaggedArray(folder, key, **array) for key, array in self.notes['arrays'].items()
        }
        names = np.load(folder / _NAMES, mmap_mode='r', allow_pickle=False)
        self.rows = np.arange(len(names)) if rows is None else rows
        labels = self._labels(len(names))
        super().__init__(
            np.asarray(names if rows is None else names[rows]),
            labels if rows is None else labels[rows],
            self.arrays['keypoint'].shapes[self.rows, -4:-2].astype(np.int64),
        )

    def _labels(self, num_clips: int) -> np.ndarray:
        """Labels of all clips, -1 where there is none, (num_clips,) int64."""
        stored = self.arrays.get('label')
        if stored is not None and stored.size == num_clips:
            return stored.numbers()
        labels = np.full(num_clips, -1, np.int64)
        if stored is not None:
            labels[stored.shapes[:, 0] >= 0] = stored.numbers()
        return labels

    def __reduce__(self) -> tuple:
        """Another process opens the files itself."""
        return type(self), (self.folder, self.rows)

    def __getitem__(self, row: int) -> dict:
        """One item as the transforms have left it, without ``layout`` and ``test_mode``."""
        place = int(self.rows[row])
        item = {key: array.value(place) for key, array in self.arrays.items()}
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
    folder: str | Path, fingerprint: dict, dtype: str, build: Callable[[ClipWriter], dict]
) -> CachedClips:
    """Opens the cache of a fingerprint, made first where it is not there or not as it was.

    One process makes it, others wait. It appears whole or not at all.

    Args:
        folder (str | Path): The folder of all caches.
        fingerprint (dict): What the clips depend on, as JSON can hold it.
        dtype (str): See :class:`ClipWriter`.
        build (Callable[[ClipWriter], dict]): Adds all clips and returns what to note of them.

    Returns:
        CachedClips: The clips.

    Raises:
        OSError: If the folder cannot be written to.
    """
    fingerprint = fingerprint | dict(dtype=dtype)
    cache = MadeOnce(Path(folder, digest(fingerprint)), fingerprint)
    logger = MMLogger.get_current_instance()

    def write(whole: Path) -> dict:
        logger.info(f'making the cache {whole}')
        writer = ClipWriter(whole, dtype)  # over what an interrupted call left
        files = writer.close(**build(writer))
        return dict(outputs=files)

    try:
        try:
            cache.make(write)
        except ChangedError as error:
            logger.warning(f'{error}. It is made anew')
            cache.discard_changed()
            cache.make(write)
    except OSError as error:
        if isinstance(error, FileExistsError):  # says what to do
            raise
        raise OSError(
            f'the cache {cache.folder} cannot be made ({error}): set cache.folder to a folder '
            'that can be written to and has room, or cache=None'
        ) from error
    return CachedClips(cache.folder)


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
