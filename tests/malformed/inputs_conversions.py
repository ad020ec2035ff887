"""Files that are converted."""

import io
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.io import savemat
from scipy.sparse import eye

from partkd.datasets.converters import convert

from .corpus import TAKEN, Input

NAME = 'a1_s1_t1_skeleton.mat'


def _positions(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape or (20, 3, 8))


def _mat(**arrays: Any) -> bytes:
    file = io.BytesIO()
    savemat(file, arrays)
    return file.getvalue()


def utd_mhad(base: Path) -> Iterator[Input]:
    """Skeletons of UTD-MHAD."""
    whole = _mat(d_skel=_positions())
    yield Input('whole', partial(_convert, NAME, whole), expected=TAKEN)
    yield Input(
        'float32', partial(_convert, NAME, _mat(d_skel=_positions().astype('f4'))), expected=TAKEN
    )
    for end in range(0, len(whole), len(whole) // 24):
        yield Input(f'cut at {end}', partial(_convert, NAME, whole[:end]), (NAME,))
    wrong = {
        'another name': dict(skeleton=_positions()),
        'nothing': {},
        'fewer joints': dict(d_skel=_positions(19, 3, 8)),
        'turned': dict(d_skel=_positions(8, 20, 3)),
        'in 2D': dict(d_skel=_positions(20, 2, 8)),
        'no frames': dict(d_skel=np.empty((20, 3, 0))),
        'two axes': dict(d_skel=_positions(20, 3)),
        'text': dict(d_skel='abc'),
        'cells': dict(d_skel=np.array([[1], ['a']], dtype=object)),
        'struct': dict(d_skel=dict(a=1)),
        'sparse': dict(d_skel=eye(3)),
        'complex': dict(d_skel=_positions() * 1j),
        'NaN': dict(d_skel=np.full((20, 3, 8), np.nan)),
        'infinite': dict(d_skel=np.full((20, 3, 8), np.inf)),
        '1e30': dict(d_skel=np.full((20, 3, 8), 1e30)),
        '1e200': dict(d_skel=np.full((20, 3, 8), 1e200)),
        'all zero': dict(d_skel=np.zeros((20, 3, 8))),
    }
    for name, arrays in wrong.items():
        yield Input(name, partial(_convert, NAME, _mat(**arrays)), (NAME,))
    for name in (
        'x_skeleton.mat',
        'a0_s1_t1_skeleton.mat',
        'a28_s1_t1_skeleton.mat',
        'a1_s1_skeleton.mat',
        'a-1_s1_t1_skeleton.mat',
        f'a{10**30}_s1_t1_skeleton.mat',
    ):
        yield Input(name, partial(_convert, name, whole), (name,))
    for name in ('a1_s1_t1.mat', 'other.txt'):
        yield Input(name, partial(_convert, name, whole), ('skeleton.mat',))
    for name, raw in {
        'empty': b'',
        'a file of text': b'abc',
        'hdf5': b'\x89HDF\r\n\x1a\n' + bytes(600),
    }.items():
        yield Input(name, partial(_convert, NAME, raw), (NAME,))
    yield Input(
        'no folder', lambda folder: convert('utd_mhad', folder / 'gone', folder / 'o'), ('gone',)
    )
    yield Input('twice', _twice, expected=TAKEN)  # once, and the summary lists the other
    yield Input('into a folder', _into_a_folder, ('out',))


def _convert(name: str, raw: bytes, folder: Path) -> None:
    (folder / name).write_bytes(raw)
    convert('utd_mhad', folder, folder / 'out.pkl')


def _twice(folder: Path) -> None:
    for place in ('a', 'b'):
        (folder / place).mkdir()
        (folder / place / NAME).write_bytes(_mat(d_skel=_positions()))
    convert('utd_mhad', folder, folder / 'out.pkl')


def _into_a_folder(folder: Path) -> None:
    (folder / NAME).write_bytes(_mat(d_skel=_positions()))
    (folder / 'out').mkdir()
    convert('utd_mhad', folder, folder / 'out')


KINDS = {'skeletons of UTD-MHAD': utd_mhad}
