"""The arrays in a folder of a teacher's files."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from partkd.files import MappedRows, read_record
from partkd.layouts import PART_NAMES

from .teacher_fingerprint import FingerprintError

# Kinds of numpy's dtypes; features are floats.
_KINDS = dict(frame_dirs='U', labels='i', person_mask='b')
# How many axes there are, and which of them is that of the parts.
_AXES = dict(frame_dirs=1, labels=1, importance=2, pooled=2, logits=2, parts=3, segments=4)
_AXIS_OF_PARTS = dict(importance=1, parts=1, segments=2)
_REMEDY = (
    'make it with `python tools/build_part_matrix.py CONFIG`, or run the whole chain with `python '
    'tools/distill.py CONFIG`'
)


def array_file(name: str) -> str:
    """The file of an array in its folder."""
    return f'{name}.npy'


def clip_arrays(frame_dirs: Sequence[str], labels: np.ndarray) -> dict[str, np.ndarray]:
    """What a feature bank says of its K clips beside their features.

    Args:
        frame_dirs (Sequence[str]): Their names.
        labels (np.ndarray): Their classes, (K,) int64.

    Returns:
        dict[str, np.ndarray]: By name.
    """
    return dict(frame_dirs=np.array(frame_dirs), labels=labels)


def save_arrays(folder: Path, arrays: Mapping[str, np.ndarray]) -> list[str]:
    """Write arrays into a folder.

    Args:
        folder (Path): The folder.
        arrays (Mapping[str, np.ndarray]): By name.

    Returns:
        list[str]: The names of the files.
    """
    for name, array in arrays.items():
        np.save(folder / array_file(name), array, allow_pickle=False)
    return [array_file(name) for name in arrays]


def load_arrays(
    folder: str | Path, what: str, needed: Collection[str], mapped: Collection[str] = ()
) -> tuple[dict[str, np.ndarray], dict[str, MappedRows], dict]:
    """Read arrays of a folder without executing anything in them.

    Args:
        folder (str | Path): The folder.
        what (str): What it is, for the errors.
        needed (Collection[str]): Names of the arrays.
        mapped (Collection[str]): Those of them that are not read, but mapped. Defaults to ().

    Returns:
        tuple: Arrays by name, mapped ones by name, and what the folder was made from.

    Raises:
        FileNotFoundError: Naming the command that makes the folder.
        FingerprintError: If it was made without some of the arrays.
        ValueError: If it is no such folder, or was changed since.
    """
    folder, record = Path(folder), _record(folder, what)
    missing = sorted(name for name in needed if array_file(name) not in record['digests'])
    if missing:
        raise FingerprintError(
            f'the {what} {folder} has no {missing}: it was made for losses that do not read it; '
            'make it anew with `python tools/build_part_matrix.py CONFIG`'
        )
    files = {name: folder / array_file(name) for name in needed}
    try:
        rows = {name: MappedRows(files[name]) for name in mapped}
        arrays = {
            name: np.load(file, allow_pickle=False)
            for name, file in files.items()
            if name not in mapped
        }
        lengths = {name: len(array) for name, array in arrays.items()}
        lengths |= {name: len(array.values) for name, array in rows.items()}
    except Exception as error:
        raise ValueError(f'{folder} is no {what} ({error}): {_REMEDY}') from error
    for name, array in arrays.items():
        _require_kind(name, array, folder, what)
    for name, mapped_rows in rows.items():
        _require_kind(name, mapped_rows.values[:0], folder, what)  # of which no value is read yet
    if len(set(lengths.values())) > 1:
        raise ValueError(f'{folder} is no {what}: its arrays have {lengths} rows; {_REMEDY}')
    return arrays, rows, record['fingerprint']


def _require_kind(name: str, array: np.ndarray, folder: Path, what: str) -> None:
    kind = _KINDS.get(name, 'f')
    fault = None
    if array.dtype.kind != kind or (kind == 'f' and array.dtype.itemsize != 4):
        fault = f'it is {array.dtype}'
    elif array.ndim != _AXES.get(name, array.ndim):
        fault = f'it has {array.ndim} axes'
    elif name in _AXIS_OF_PARTS and array.shape[_AXIS_OF_PARTS[name]] != len(PART_NAMES):
        fault = f'it has shape {array.shape}, which is not of {len(PART_NAMES)} parts'
    elif kind == 'f' and not np.isfinite(array).all():
        fault = 'it holds infinite values or NaN'
    if fault is not None:
        raise ValueError(
            f'{folder} is no {what}: {array_file(name)} is not as it was made, {fault}; {_REMEDY}'
        )


def recorded_fingerprint(folder: str | Path, what: str) -> dict:
    """What a folder was made from.

    Args:
        folder (str | Path): The folder.
        what (str): What it is, for the error.

    Returns:
        dict: Digests by name, see :func:`partkd.distillation.teacher_fingerprint`.

    Raises:
        FileNotFoundError: Naming the command that makes the folder.
        ChangedError: If it was changed since.
    """
    return _record(folder, what)['fingerprint']


def _record(folder: str | Path, what: str) -> dict:
    record = read_record(folder)
    if record is None:
        raise FileNotFoundError(f'{what} {folder} does not exist: {_REMEDY}')
    return record
