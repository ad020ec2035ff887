"""The files of a teacher: arrays and what they were made from, in one ``.npz`` file."""

import json
import math
import shutil
import struct
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from partkd.files import replacing

from .stored_rows import StoredRows, identity, read_header


def save_npz(path: str | Path, arrays: Mapping[str, np.ndarray | Path], made_from: Mapping) -> None:
    """Write arrays and their fingerprint to one file, all or nothing.

    Args:
        path (str | Path): The file.
        arrays (Mapping[str, np.ndarray | Path]): By name, arrays or ``.npy`` files of them, which
            are copied piece by piece.
        made_from (Mapping): The fingerprint.
    """
    arrays = dict(fingerprint=np.array(json.dumps(dict(made_from))), **arrays)
    # np.savez has no way to take a file; this writes the same bytes.
    with replacing(path) as file, zipfile.ZipFile(file, 'w', allowZip64=True) as archive:
        for name, array in arrays.items():
            with archive.open(f'{name}.npy', 'w', force_zip64=True) as member:
                if isinstance(array, Path):
                    with array.open('rb') as content:
                        shutil.copyfileobj(content, member, 1 << 20)
                else:
                    np.lib.format.write_array(member, array, allow_pickle=False)


def load_npz(
    path: str | Path,
    what: str,
    wanted: Collection[str] | None = None,
    left_there: Collection[str] = (),
) -> tuple[dict[str, np.ndarray | StoredRows], dict[str, str]]:
    """Read what :func:`save_npz` wrote, without executing anything in it.

    Args:
        path (str | Path): The file.
        what (str): What the file is, for the errors.
        wanted (Collection[str], optional): Arrays to read, of those that are there. Defaults to
            None, all.
        left_there (Collection[str]): Arrays that are not read, but found, so that rows of them
            can be. Defaults to ().

    Returns:
        tuple: The arrays by name, and the fingerprint.

    Raises:
        FileNotFoundError: Naming the command that makes the file.
        ValueError: If it is no such file.
    """
    remedy = 'make it with `python tools/build_part_matrix.py CONFIG`, or run the whole chain '
    remedy += 'with `python tools/distill.py CONFIG`'
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f'{what} {path} does not exist: {remedy}')
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {
                name: _find(path, name) if name in left_there else file[name]
                for name in file.files
                if wanted is None or name in ('fingerprint', *wanted)
            }
        return arrays, json.loads(str(arrays.pop('fingerprint')))
    except Exception as error:
        raise ValueError(f'{path} is no {what} ({error}): {remedy}') from error


def _find(path: Path, name: str) -> StoredRows:
    """Where the rows of an array are, in an archive that is not compressed."""
    with path.open('rb') as file, zipfile.ZipFile(file) as archive:
        member = archive.getinfo(f'{name}.npy')
        if member.compress_type != zipfile.ZIP_STORED:
            raise ValueError(f'{name} is compressed')
        # The lengths of name and extra field stand in the local header, from byte 26 on.
        file.seek(member.header_offset + 26)
        start = file.seek(sum(struct.unpack('<HH', file.read(4))), 1)
        shape, dtype = read_header(file)
        rows = StoredRows(path, file.tell(), shape, dtype, identity(file))
    if rows.start + dtype.itemsize * math.prod(shape) != start + member.file_size:
        raise ValueError(f'{name} is not as long as it says')
    return rows
