"""Arguments of a data set that come from a config, where anything may stand."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from partkd.datasets.annotations import MOST_CLASSES, ON_BAD_CLIP
from partkd.datasets.cache import DTYPES
from partkd.messages import shown

_IS_GOOD: dict[str, tuple[Callable[[Any], bool], str]] = {
    'ann_file': (lambda value: isinstance(value, str | Path), 'it is the path of a file'),
    'data_root': (lambda value: isinstance(value, str | None), 'it is the path of a folder'),
    'pipeline': (
        lambda value: _is_list(value) and all(isinstance(v, Mapping) or callable(v) for v in value),
        'it is a list of transforms, each a dict with its type',
    ),
    'split': (
        lambda value: isinstance(value, str | None),
        'it is the name of one split, or None for all clips',
    ),
    'num_classes': (
        lambda value: value is None or _is_in(value, 1, MOST_CLASSES),
        f'it is an integer from 1 to {MOST_CLASSES}, or None',
    ),
    'teacher': (
        lambda value: value is None or _has(value, 'ann_file', 'pipeline'),
        'it is dict(ann_file=..., layout=..., pipeline=[...]), or None',
    ),
    'paired_fraction': (
        lambda value: isinstance(value, float | int | np.number) and bool(0 < value <= 1),
        'it lies in (0, 1]; set teacher=None to have no pairs',
    ),
    'pair_seed': (lambda value: _is_in(value, 0, 2**63), 'it is an integer from 0 on'),
    'on_bad_clip': (
        lambda value: isinstance(value, str) and value in ON_BAD_CLIP,
        f'it is one of {ON_BAD_CLIP}',
    ),
    'cache': (
        lambda value: (
            value is None or (_has(value, 'folder') and value.get('dtype', DTYPES[0]) in DTYPES)
        ),
        f'it is dict(folder=..., dtype=one of {DTYPES}), or None',
    ),
    'frame_dirs': (
        lambda value: value is None or isinstance(value, np.ndarray) or _is_names(value),
        'it is a list of names, or None for all clips',
    ),
    'indices': (
        lambda value: value is None or isinstance(value, int | np.ndarray) or _is_list(value),
        'it is how many clips to take, or a list of their places, or None for all',
    ),
}


def check_arguments(**arguments: Any) -> None:
    """Refuses what an argument of a data set cannot be.

    Args:
        **arguments: Those of :class:`PairedPoseDataset` that are to be checked, by name.

    Raises:
        ValueError: Naming the argument, and what it is.
    """
    for name, value in arguments.items():
        is_good, what = _IS_GOOD[name]
        if not is_good(value):
            raise ValueError(f'{name}={shown(value)}: {what}')


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _is_names(value: Any) -> bool:
    is_several = isinstance(value, Collection) and not isinstance(value, str | bytes)
    return is_several and all(isinstance(name, str) for name in value)


def _is_in(value: Any, low: int, high: int) -> bool:
    is_integer = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return is_integer and low <= int(value) <= high


def _has(value: Any, *keys: str) -> bool:
    return isinstance(value, Mapping) and set(keys) <= value.keys()
