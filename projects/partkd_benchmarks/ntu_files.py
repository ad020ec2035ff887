"""Files as NTU RGB+D publishes them, of people who were never recorded."""

import os
from pathlib import Path

import numpy as np

from .ntu_like import num_frames, num_persons

_DISTINCT = 64  # files; all others are links to them, so that 56,880 take no more room
_JOINTS = 25
_HEADER = '1 1 1 1 0 0.01119184 -0.256052 2'  # of a body, behind its tracking id
_ACTIONS, _CAMERAS, _SUBJECTS, _SETUPS = 60, 3, 40, 17


def write_skeleton_files(folder: Path, clips: int) -> int:
    """Write ``.skeleton`` files with the lengths and persons of NTU RGB+D 60.

    Args:
        folder (Path): Where to; it is made.
        clips (int): How many, 122,400 at most, for as many names there are.

    Returns:
        int: Bytes of all files, links counted as files.
    """
    folder.mkdir(parents=True)
    distinct = min(clips, _DISTINCT)
    # lengths ascend: spread them, so that every stretch of files has short ones and long ones
    frames = np.random.default_rng(0).permutation(num_frames(distinct))
    texts = [_text(seed, *sizes) for seed, sizes in enumerate(zip(frames, num_persons(distinct)))]
    first = [folder / f'{_name(number)}.skeleton' for number in range(distinct)]
    for file, text in zip(first, texts):
        file.write_text(text, encoding='ascii')
    for number in range(distinct, clips):
        os.link(first[number % distinct], folder / f'{_name(number)}.skeleton')
    return sum(len(texts[number % distinct]) for number in range(clips))


def _name(number: int) -> str:
    number, action = divmod(number, _ACTIONS)
    number, camera = divmod(number, _CAMERAS)
    setup, subject = divmod(number, _SUBJECTS)
    if setup >= _SETUPS:
        raise ValueError(f'there are {_ACTIONS * _CAMERAS * _SUBJECTS * _SETUPS} names')
    return f'S{setup + 1:03}C{camera + 1:03}P{subject + 1:03}R001A{action + 1:03}'


def _text(seed: int, frames: int, persons: int) -> str:
    """People who stand side by side and sway, in twelve columns as the publishers write them."""
    rng = np.random.default_rng(seed)
    place = rng.uniform([-0.3, -0.9, 3.4], [0.3, 0.9, 3.6], (persons, 1, _JOINTS, 3))
    place[..., 0] += np.arange(persons)[:, None, None]
    sway = rng.normal(scale=0.01, size=(persons, frames, _JOINTS, 3)).cumsum(1)
    columns = rng.uniform(-1, 1, (persons, frames, _JOINTS, 12))
    columns[..., :3] = place + sway
    columns[..., 3:7] *= 1000  # pixels of depth and colour
    columns[..., 11] = 2  # tracked
    lines = [str(frames)]
    for frame in range(frames):
        lines.append(str(persons))
        for person in range(persons):
            lines += [f'{72057594037944738 + person} 0 {_HEADER}', str(_JOINTS)]
            lines += [' '.join(f'{value:.7g}' for value in row) for row in columns[person, frame]]
    return '\r\n'.join(lines) + '\r\n'
