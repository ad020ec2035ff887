"""Publishers' file formats, read so that what is wrong in a file is named."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import loadmat


def read_mat(file: Path, *names: str) -> list[np.ndarray]:
    """Variables of a MATLAB file.

    Args:
        file (Path): The file.
        *names (str): The variables.

    Returns:
        list[np.ndarray]: Their values.

    Raises:
        ValueError: If the file is no MATLAB file or lacks one.
    """
    try:
        content = loadmat(file)
    except Exception as error:  # scipy raises nearly anything on foreign bytes
        raise ValueError(
            f'truncated or no MATLAB file ({type(error).__name__}: {error}): download it again'
        ) from error
    there = sorted(key for key in content if not key.startswith('__'))
    values = []
    for name in names:
        if name not in content:
            raise ValueError(f'no {name}, it has {there}: take the skeleton files')
        value = content[name]
        if not isinstance(value, np.ndarray):
            raise ValueError(f'{name} is sparse, it should be an array: download it again')
        values.append(value)
    return values


def read_json(file: Path) -> Any:
    """The content of a JSON file.

    Raises:
        ValueError: If the file is none; it names line and column.
    """
    try:
        return json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f'truncated or no JSON ({error}): download it again') from error


def read_lines(file: Path) -> list[str]:
    """The lines of a text file, without those at the end that are empty.

    Raises:
        ValueError: If the file is no text or is empty.
    """
    try:
        lines = file.read_text(encoding='utf-8-sig').rstrip().splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f'no text ({error}): download it again') from error
    if not lines:
        raise ValueError('empty: download it again')
    return lines


def parse_numbers(
    lines: list[str], columns: int, first: int = 1, separator: str | None = None
) -> np.ndarray:
    """Numbers in lines of text.

    Args:
        lines (list[str]): The lines.
        columns (int): How many numbers each should have.
        first (int): Which line of the file the first one is, for errors. Defaults to 1.
        separator (str, optional): What stands between numbers. Defaults to None, white space.

    Returns:
        np.ndarray: (lines, columns) float64.

    Raises:
        ValueError: If a line has other than these; it names the first.
    """
    for row, line in enumerate(lines):
        found = len(line.split(separator))
        if found != columns:
            raise ValueError(
                f'line {first + row} has {found} fields, it should have {columns}: '
                'truncated? Download it again'
            )
    try:
        return np.loadtxt(lines, delimiter=separator, comments=None, ndmin=2)
    except ValueError:
        raise _no_number(lines, first, separator) from None


def require_finite(values: np.ndarray, what: str) -> np.ndarray:
    """Raises ValueError unless an array holds finite numbers throughout."""
    if values.dtype.kind not in 'iuf' or not np.isfinite(values).all():
        raise ValueError(f'{what} is not finite numbers throughout: download it again')
    return values


def require_shape(values: np.ndarray, shape: tuple[int | None, ...], what: str) -> np.ndarray:
    """Raises ValueError unless an array has a shape.

    Args:
        values (np.ndarray): The array.
        shape (tuple[int | None, ...]): The shape; None stands for any number of frames from 1 on.
        what (str): Its name, for the error.
    """
    fits = len(shape) == values.ndim and all(
        found > 0 if expected is None else found == expected
        for found, expected in zip(values.shape, shape)
    )
    if not fits:
        expected = ', '.join('frames' if side is None else str(side) for side in shape)
        raise ValueError(
            f'{what} has shape {values.shape}, it should be ({expected}): download it again'
        )
    return values


def _no_number(lines: list[str], first: int, separator: str | None) -> ValueError:
    for row, line in enumerate(lines):
        for column, text in enumerate(line.split(separator), 1):
            try:
                float(text)
            except ValueError:
                return ValueError(
                    f'line {first + row}, field {column} is {text!r}, no number: download it again'
                )
    return ValueError(f'lines from {first} on hold no numbers: download it again')
