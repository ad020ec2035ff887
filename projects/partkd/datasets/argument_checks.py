"""Arguments of a data set."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from partkd.arguments import is_integer, is_number, is_one_of, require
from partkd.datasets.annotations import MOST_CLASSES, ON_BAD_CLIP
from partkd.datasets.cache import DTYPES

_PATH = str | Path
_FLAGS = ('require_labels', 'load_teacher', 'test_mode', 'lazy_init')
_IS_GOOD: dict[str, tuple[Callable[[Any], bool], str]] = {
    'ann_file': (lambda value: isinstance(value, _PATH), 'it is the path of a file'),
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
        lambda value: value is None or is_integer(value, 1, MOST_CLASSES),
        f'it is an integer from 1 to {MOST_CLASSES}, or None',
    ),
    'teacher': (
        lambda value: (
            value is None or (_has(value, 'ann_file', 'pipeline') and 'frame_dirs' not in value)
        ),
        'it is dict(ann_file=..., layout=..., pipeline=[...]), without frame_dirs, or None',
    ),
    'paired_fraction': (
        lambda value: is_number(value, 0, 1) and value > 0,
        'it lies in (0, 1]; set teacher=None to have no pairs',
    ),
    'pair_seed': (is_integer, 'it is an integer from 0 on'),
    'on_bad_clip': (lambda value: is_one_of(value, ON_BAD_CLIP), f'it is one of {ON_BAD_CLIP}'),
    'cache': (
        lambda value: (
            value is None
            or (
                _has(value, 'folder')
                and isinstance(value['folder'], _PATH)
                and is_one_of(value.get('dtype', DTYPES[0]), DTYPES)
            )
        ),
        f'it is dict(folder=..., dtype=one of {DTYPES}), or None',
    ),
    'frame_dirs': (
        lambda value: value is None or isinstance(value, np.ndarray) or _is_names(value),
        'it is a list of names, or None for all clips',
    ),
    'indices': (
        lambda value: value is None or is_integer(value, -(2**63)) or _is_list(value),
        'it is how many clips to take, or a list of their places, or None for all',
    ),
    **{flag: (lambda value: isinstance(value, bool), 'it is True or False') for flag in _FLAGS},
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
        require(name, value, is_good(value), what)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence | np.ndarray) and not isinstance(value, str | bytes)


def _is_names(value: Any) -> bool:
    is_several = isinstance(value, Collection) and not isinstance(value, str | bytes | Mapping)
    return is_several and all(isinstance(name, str) for name in value)


def _has(value: Any, *keys: str) -> bool:
    return isinstance(value, Mapping) and set(keys) <= value.keys()
