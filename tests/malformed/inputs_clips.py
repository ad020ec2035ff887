"""Clips with one field that is wrong, in an annotation file and in deployment."""

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dataset import Compose
from mmengine.registry import DefaultScope

from partkd.datasets import item_to_classify
from partkd.layouts import get_layout

from .clips import PIPELINE, clip, content, read_content
from .corpus import (
    HARMLESS,
    INF,
    MISSING,
    NAN,
    REFUSED,
    TAKEN,
    Input,
    WrongResultError,
    bomb,
    deep,
    shown,
)

Take = Callable[[dict, Path], object]
ANY = (True, b'a', {}, set(), {'a': 1}, 1j, bomb(), deep(), np.zeros(3), 'x' * 10**6)


def _keypoint(**changes: Any) -> np.ndarray:
    """Keypoints with single values changed, of another shape or type."""
    keypoint = clip()['keypoint'].astype(changes.pop('dtype', np.float32))
    for value in changes.pop('at', ()):
        keypoint[0, 2, 5, 0] = value
    if 'fill' in changes:
        keypoint[:] = changes['fill']
    return keypoint


def _ones(*shape: int, dtype: str = 'f4') -> np.ndarray:
    return np.ones(shape, dtype)


def _fields() -> dict[str, dict[str, Any]]:
    """Wrong values by field, each by its name."""
    small = np.float32(0.1) * np.arange(204).reshape(1, 6, 17, 2)
    keypoints: dict[str, Any] = {
        'list': clip()['keypoint'].tolist(),
        'scalar': np.float32(1),
        'no axis': _ones(),
        'one axis': _ones(17),
        'two axes': _ones(17, 2),
        'three axes': _ones(6, 17, 2),
        'five axes': _ones(1, 1, 6, 17, 2),
        'no persons': _ones(0, 6, 17, 2),
        'no frames': _ones(1, 0, 17, 2),
        'no joints': _ones(1, 6, 0, 2),
        'no channels': _ones(1, 6, 17, 0),
        'other joints': _ones(1, 6, 25, 2),
        'one joint fewer': _ones(1, 6, 16, 2),
        'one joint more': _ones(1, 6, 18, 2),
        'one channel': _ones(1, 6, 17, 1),
        'score as a channel': _ones(1, 6, 17, 3),
        'axes turned': _ones(1, 17, 6, 2),
        'channels first': _ones(1, 2, 6, 17),
        'bool': _keypoint(dtype=bool),
        'complex': _keypoint(dtype=complex),
        'text': np.full((1, 6, 17, 2), '1.0'),
        'bytes': np.full((1, 6, 17, 2), b'1.0'),
        'NaN': _keypoint(at=[NAN]),
        'infinite': _keypoint(at=[INF]),
        'minus infinite': _keypoint(at=[-INF]),
        'all NaN': _keypoint(fill=NAN),
        'all zero': _keypoint(fill=0),
        'one of 1e30': _keypoint(at=[1e30]),
        'one of -1e30': _keypoint(at=[-1e30]),
        'one of 1e20': _keypoint(at=[1e20]),
        'all 1e30': _keypoint(fill=1e30),
        'beyond float32': _keypoint(dtype=float, at=[1e200]),
        'integers of 2**62': _keypoint(dtype=np.int64, at=[2**62]),
        'number': 1.5,
        'text of a list': '[[1, 2]]',
    }
    scores: dict[str, Any] = {
        'list': clip()['keypoint_score'].tolist(),
        'number': 1.0,
        'text': 'high',
        'no axis': _ones(),
        'no persons': _ones(0, 6, 17),
        'fewer frames': _ones(1, 5, 17),
        'fewer joints': _ones(1, 6, 16),
        'an axis more': _ones(1, 6, 17, 1),
        'turned': _ones(1, 17, 6),
        'complex': _ones(1, 6, 17, dtype='c8'),
        'of text': np.full((1, 6, 17), 'a'),
        'NaN': np.full((1, 6, 17), np.float32('nan')),
        'infinite': np.full((1, 6, 17), np.float32('inf')),
        'all zero': np.zeros((1, 6, 17), 'f4'),
        'all negative': -_ones(1, 6, 17),
        '1e30': np.full((1, 6, 17), np.float32(1e30)),
    }
    names = (MISSING, None, 1, 1.5, ['clip0'], ('clip0',), np.str_('clip0').tobytes(), '')
    labels = (MISSING, None, -1, 2, 10**6, 2**31, 2**63, 2**64, -(2**63), 10**400, 0.0, 1.5, NAN)
    labels += (INF, 'wave', '1', [0], [0, 1], (1,), np.array([0]), np.array([0, 1]), np.float32(1))
    totals = (None, -1, 0, 5, 7, 2**63, 6.0, NAN, '6', [6], np.array([6, 6]), np.float32(6))
    images = (0, 240, '240x320', (), (240,), (0, 320), (-240, 320), (240.5, 320), (NAN, 320))
    images += ((2**70, 320), ('240', '320'), ([240], 320), (None, None), np.zeros(2), ((1, 2), 3))
    return {
        'frame_dir': {shown(one): one for one in (*names, *ANY[:-1])},
        'label': {shown(one): one for one in (*labels, *ANY)},
        'total_frames': {shown(one): one for one in (*totals, *ANY)},
        'keypoint': keypoints | {shown(one): one for one in (MISSING, None, small[0], *ANY)},
        'keypoint_score': scores | {shown(one): one for one in (NAN, *ANY)},
        'img_shape': {shown(one): one for one in (*images, *ANY)},
    }


# What may as well be taken for what it is meant to be.
_HARMLESS = {
    ('frame_dir', "''"),
    ('label', 'array([0])'),
    ('label', '0.0'),
    ('label', 'np.float32(1.0)'),
    ('total_frames', 'None'),
    ('total_frames', 'np.float32(6.0)'),
    ('total_frames', '6.0'),
    ('keypoint', 'bool'),
    ('keypoint_score', '1e30'),
}
# What a clip as a whole is refused for, or its file.
_UNNAMED = ('all zero', 'all negative', 'no persons', 'no frames', 'complex', '1j')


def _unusual() -> dict[str, dict]:
    """Fields of clips that are as good as any other."""
    keypoint = clip()['keypoint']
    hidden = keypoint.copy()
    hidden[:, 2] = 0
    return {
        'float64': dict(keypoint=keypoint.astype(np.float64)),
        'float16': dict(keypoint=keypoint.astype(np.float16)),
        'int16': dict(keypoint=keypoint.astype(np.int16)),
        'int64': dict(keypoint=keypoint.astype(np.int64)),
        'big-endian': dict(keypoint=keypoint.astype('>f4')),
        'Fortran order': dict(keypoint=np.asfortranarray(keypoint)),
        'a view': dict(keypoint=np.repeat(keypoint, 2, axis=1)[:, ::2]),
        'negative coordinates': dict(keypoint=-keypoint),
        'coordinates in metres': dict(keypoint=keypoint / 300),
        'coordinates in pixels of 8K': dict(keypoint=keypoint * 25),
        'three persons': dict(keypoint=np.repeat(keypoint, 3, axis=0), keypoint_score=None),
        'one frame': dict(keypoint=keypoint[:, :1], keypoint_score=None, total_frames=1),
        'a frame without anybody': dict(keypoint=hidden),
        'no score': dict(keypoint_score=None),
        'score of bools': dict(keypoint_score=np.ones((1, 6, 17), bool)),
        'score of 1 and 0': dict(keypoint_score=np.ones((1, 6, 17), np.uint8)),
        'score in float64': dict(keypoint_score=np.ones((1, 6, 17))),
        'score above 1': dict(keypoint_score=np.full((1, 6, 17), np.float32(3.5))),
        'label of numpy': dict(label=np.int64(1)),
        'label of uint8': dict(label=np.uint8(1)),
        'frames of numpy': dict(total_frames=np.int32(6)),
        'no img_shape': dict(img_shape=None),
        'img_shape in a list': dict(img_shape=[240, 320]),
        'img_shape in an array': dict(img_shape=np.array([240, 320])),
        'img_shape with channels': dict(img_shape=(240, 320, 3)),
        'name in other letters': dict(frame_dir='клип/ä b'),
        'name with a lone surrogate': dict(frame_dir='clip\udc80'),
        'name of a path': dict(frame_dir='/videos/a.avi'),
        'another field': dict(original_shape=(1, 2), note='x'),
    }


def _spoilt(take: Take, words: tuple[str, ...], labelled: bool) -> Iterator[Input]:
    for field, values in _fields().items():
        if field == 'label' and not labelled:
            continue
        for name, value in values.items():
            expected = HARMLESS if (field, name) in _HARMLESS else REFUSED
            # a field without which a clip is whole
            if name == 'None' and field in ('keypoint_score', 'img_shape'):
                expected = TAKEN
            spoilt = clip()
            if value is MISSING:
                del spoilt[field]
            else:
                spoilt[field] = value
            said = () if name in _UNNAMED else (field,)
            yield Input(f'{field} {name}', partial(take, spoilt), (*words, *said), expected)
    for name, changes in _unusual().items():
        yield Input(name, partial(take, clip() | changes), expected=TAKEN)


def in_files(base: Path) -> Iterator[Input]:
    """In an annotation file."""
    yield from _spoilt(_read, ('clips.pkl',), True)


def _read(one: dict, folder: Path, **settings: Any) -> None:
    """Where it is left out instead, the other clips have to stay, and it has to be told."""
    given = dict(content(), annotations=[one, *content()['annotations'][1:]])
    try:
        read_content(given, folder, **settings)
    except ValueError:
        left = read_content(given, folder, on_bad_clip='skip', **settings)
        if len(left) != 3 or len(left.skipped) != 1:
            raise WrongResultError(f'skipped {left.skipped}, {len(left)} are left') from None
        raise


def in_splits(base: Path) -> Iterator[Input]:
    """In an annotation file of which a split is read."""
    for name in ('frame_dir', 'label', 'keypoint'):
        for key, value in list(_fields()[name].items())[:12]:
            spoilt = clip()
            spoilt.pop(name)
            if value is not MISSING:
                spoilt[name] = value
            expected = HARMLESS if (name, key) in _HARMLESS else REFUSED
            take = partial(_read_split, spoilt)
            said = () if key in _UNNAMED else (name,)
            yield Input(f'{name} {key}', take, ('clips.pkl', *said), expected)


def _read_split(one: dict, folder: Path) -> None:
    given = content()
    names = [clip['frame_dir'] for clip in given['annotations']]
    given = dict(split=dict(train=names), annotations=[one, *given['annotations'][1:]])
    read_content(given, folder, split='train')


def in_caches(base: Path) -> Iterator[Input]:
    """In an annotation file that is cached."""
    for field, values in _fields().items():
        for key, value in list(values.items())[::3]:
            spoilt = clip()
            spoilt.pop(field)
            if value is not MISSING:
                spoilt[field] = value
            expected = HARMLESS if (field, key) in _HARMLESS or key == 'None' else REFUSED
            said = () if key in _UNNAMED else (field,)
            take = partial(_read_cached, spoilt)
            yield Input(f'{field} {key}', take, ('clips.pkl', *said), expected)


def _read_cached(one: dict, folder: Path) -> None:
    given = dict(content(), annotations=[one, *content()['annotations'][1:]])
    read_content(given, folder, cache=dict(folder=str(folder / 'cache')))


def in_deployment(base: Path) -> Iterator[Input]:
    """Handed to a deployed model, as docs/deploy.md does it."""
    yield from _spoilt(_classify, (), False)
    for value in (None, 1, 'text', [], [clip()], clip()['keypoint'], True, bomb()):
        yield Input(f'clip {shown(value)}', partial(_classify, value), ('clip',))


def _classify(one: Any, folder: Path) -> None:
    with DefaultScope.overwrite_default_scope('mmaction'), warnings.catch_warnings():
        inputs = Compose(PIPELINE)(item_to_classify(one, get_layout('coco')))['inputs']
    if not inputs.numel() or not inputs.isfinite().all():
        raise WrongResultError(f'{tuple(inputs.shape)}, finite: {inputs.isfinite().all()}')


KINDS = {
    'clips in files': in_files,
    'clips in splits': in_splits,
    'clips in caches': in_caches,
    'clips in deployment': in_deployment,
}
