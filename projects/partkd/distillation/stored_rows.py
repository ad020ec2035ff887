"""Rows of an array in a file, read and written where they are."""

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from partkd.files import replacing


@dataclass(frozen=True)
class StoredRows:
    """An array (K, ...) in numpy's format, somewhere in a file; only rows asked for are read.

    Plain reads of single rows: a memory map is slower at this, and every page that was ever
    looked at would count as the process's own memory.

    Args:
        file (Path): The file.
        start (int): Byte in the file where the first row starts.
        shape (tuple[int, ...]): Of the array.
        dtype (np.dtype): Of the array.
        identity (tuple[int, ...], optional): Of a file that must not change meanwhile, see
            :func:`identity`. Defaults to None, a file of one's own.
    """

    file: Path
    start: int
    shape: tuple[int, ...]
    dtype: np.dtype
    identity: tuple[int, ...] | None = None

    @classmethod
    def create(cls, file: Path, shape: tuple[int, ...], dtype: np.dtype) -> 'StoredRows':
        """Make an ``.npy`` file of zeros that takes no room yet, all or nothing.

        Args:
            file (Path): The file.
            shape (tuple[int, ...]): Of the array.
            dtype (np.dtype): Of the array.

        Returns:
            StoredRows: To write rows to.
        """
        header = dict(descr=np.lib.format.dtype_to_descr(dtype), fortran_order=False, shape=shape)
        with replacing(file) as content:
            np.lib.format.write_array_header_1_0(content, header)
            content.truncate(content.tell() + dtype.itemsize * math.prod(shape))
        return cls.open(file)

    @classmethod
    def open(cls, file: Path) -> 'StoredRows':
        """Find the rows of an ``.npy`` file.

        Args:
            file (Path): The file.

        Returns:
            StoredRows: To read rows of, or write rows to.
        """
        with file.open('rb') as content:
            shape, dtype = read_header(content)
            return cls(file, content.tell(), shape, dtype)

    def read(self, rows: np.ndarray) -> np.ndarray:
        """Read some rows.

        Args:
            rows (np.ndarray): Which ones, (n,) int.

        Returns:
            np.ndarray: (n, ...).

        Raises:
            RuntimeError: If another file has taken this one's place, or it was cut short.
        """
        values = np.empty((len(rows), *self.shape[1:]), self.dtype)
        with self.file.open('rb', buffering=0) as file:
            if self.identity not in (None, identity(file)):
                raise RuntimeError(f'{self.file} was changed while it was in use: start again')
            for place, value in zip(rows.tolist(), _as_bytes(values), strict=True):
                file.seek(self.start + place * len(value))
                if file.readinto(value) != len(value):
                    raise RuntimeError(f'{self.file} could not be read as far as row {place}')
        return values

    def write(self, rows: np.ndarray, values: np.ndarray) -> None:
        """Write some rows.

        Args:
            rows (np.ndarray): Which ones, (n,) int.
            values (np.ndarray): (n, ...).
        """
        values = np.ascontiguousarray(values, self.dtype).reshape(-1, *self.shape[1:])
        with self.file.open('r+b') as file:
            for place, value in zip(rows.tolist(), _as_bytes(values), strict=True):
                file.seek(self.start + place * len(value))
                file.write(value)


def read_header(content: BinaryIO) -> tuple[tuple[int, ...], np.dtype]:
    """Read what precedes an array in numpy's format; its first row comes next.

    Args:
        content (BinaryIO): Where the array starts.

    Returns:
        tuple: Shape and dtype.

    Raises:
        ValueError: If it is none whose rows lie one after the other.
    """
    version = np.lib.format.read_magic(content)
    if version != (1, 0):
        raise ValueError(f'an array of format {version}, not (1, 0)')
    shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(content)
    if is_fortran or dtype.hasobject or not shape:
        raise ValueError(f'an array {shape} of {dtype} whose rows do not lie one after the other')
    return shape, dtype


def identity(file: BinaryIO) -> tuple[int, ...]:
    """What tells an open file from another that takes its name.

    Args:
        file (BinaryIO): The file.

    Returns:
        tuple[int, ...]: Device, number, size and time of the last change.
    """
    stat = os.fstat(file.fileno())
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def _as_bytes(values: np.ndarray) -> np.ndarray:
    """(n, ...) as (n, bytes of a row), the same memory."""
    return values.reshape(len(values), math.prod(values.shape[1:])).view(np.uint8)
