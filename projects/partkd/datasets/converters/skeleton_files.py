"""The text files of NTU RGB+D, which UAV-Human took over: frames, bodies in them, their joints.

A file is the number of frames; for each frame the number of bodies; for each body a line that
starts with its tracking id, the number of joints, and a line of numbers for each joint.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .readers import parse_numbers, read_lines, require_finite


@dataclass(frozen=True)
class Body:
    """What was tracked under one id.

    Args:
        frames (np.ndarray): In which frames it was seen, (n,) int, ascending.
        values (np.ndarray): The numbers of its joints there, (n, V, columns).
    """

    frames: np.ndarray
    values: np.ndarray


def read_bodies(file: Path, joints: int, columns: int) -> tuple[int, list[Body]]:
    """The bodies of one file, in the order in which they appear.

    Args:
        file (Path): The file.
        joints (int): How many joints a body has.
        columns (int): How many numbers a joint has.

    Returns:
        tuple[int, list[Body]]: The number of frames, and the bodies.

    Raises:
        ValueError: If the file is truncated or malformed; it names the line.
    """
    lines = read_lines(file)
    frames = _whole_number(lines, 0)
    places: dict[str, list[tuple[int, int]]] = {}  # of each id: frame, first line of joints
    line = 1
    for frame in range(frames):
        bodies = _whole_number(lines, line)
        line += 1
        for _ in range(bodies):
            found = _whole_number(lines, line + 1)
            if found != joints:
                raise ValueError(f'line {line + 2} says {found} joints, there should be {joints}')
            identity = lines[line].split()[0] if lines[line].strip() else ''
            places.setdefault(identity, []).append((frame, line + 2))
            line += 2 + joints
    if line != len(lines):
        raise ValueError(_wrong_length(line, len(lines)))
    values = _read_values(lines, sorted(sum(places.values(), [])), joints, columns)
    return frames, [
        Body(np.array([frame for frame, _ in body]), np.stack([values[start] for _, start in body]))
        for body in places.values()
    ]


def _read_values(
    lines: list[str], places: list[tuple[int, int]], joints: int, columns: int
) -> dict[int, np.ndarray]:
    """Of each first line of joints their numbers, (V, columns)."""
    starts = [start for _, start in places]
    wanted = [text for start in starts for text in lines[start : start + joints]]
    try:
        values = np.loadtxt(wanted, comments=None, ndmin=2) if wanted else np.empty((0, columns))
        if values.shape[1] != columns:
            raise ValueError
    except ValueError:
        for start in starts:  # the first bad line says so
            parse_numbers(lines[start : start + joints], columns, start + 1)
        raise
    require_finite(values, 'a joint')
    return dict(zip(starts, values.reshape(len(starts), joints, columns)))


def _whole_number(lines: list[str], line: int) -> int:
    if line >= len(lines):
        raise ValueError(_wrong_length(line, len(lines)))
    try:
        return int(lines[line])
    except ValueError:
        raise ValueError(
            f'line {line + 1} is {lines[line][:40]!r}, it should be a count: download it again'
        ) from None


def _wrong_length(expected: int, found: int) -> str:
    what = 'truncated' if found < expected else 'not over'
    return f'{what} at line {min(found, expected) + 1}: download it again'
