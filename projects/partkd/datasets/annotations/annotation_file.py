"""Annotation pickles: reading, writing, choosing a split.

The format is mmaction2's: ``dict(split={name: [frame_dir]}, annotations=[dict(frame_dir, label,
total_frames, keypoint (M, T, V, C), keypoint_score (M, T, V) where the source has one, ...)])``,
and ``classes``, their names in the order of labels, where they are known.
"""

import pickle
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from partkd.files import replacing
from partkd.messages import shown

from .clip_checks import name_of
from .untrusted_pickle import read_pickle

_PROTOCOL = 3
_FORMAT = 'dict(split={name: [frame_dir]}, annotations=[dict(frame_dir, label, keypoint, ...)])'


def load_annotations(path: str | Path) -> dict:
    """Reads an annotation pickle without running anything that is in it.

    Args:
        path (str | Path): The annotation file.

    Returns:
        dict: ``split`` (dict of name to list of ``frame_dir``; empty where the file is a plain
        list of clips), ``annotations`` (list of dict) and ``classes``, their names (list of str;
        empty where the file has none). Arrays are read-only and keep the file's dtype.

    Raises:
        FileNotFoundError: Where there is no such file.
        ValueError: Where the file is truncated, of another kind, asks for anything but numpy
            arrays, scalars and builtin containers or for more memory than it is long, or isn't an
            annotation file.
    """
    path = Path(path)
    require_file(path)
    content = read_pickle(path, 'an annotation file')
    if isinstance(content, list):
        content = {'split': {}, 'annotations': content}
    _check_structure(content, path)
    return {
        'split': _splits_of(content),
        'annotations': content['annotations'],
        'classes': class_names(content.get('classes'), f"'classes' of {path}"),
    }


def class_names(names: Any, where: str) -> list[str]:
    """Names of classes from outside.

    Args:
        names (Any): The names in the order of labels; None where there are none.
        where (str): What has them, for the error.

    Returns:
        list[str]: The names; empty where there are none.

    Raises:
        ValueError: Where these are no texts, or one is empty or there twice.
    """
    if names is None:
        return []
    listed = names.tolist() if isinstance(names, np.ndarray) else names
    if not isinstance(listed, list | tuple) or not all(isinstance(name, str) for name in listed):
        raise ValueError(
            f'{where} is {shown(names)}: it should be a list of the names of the classes, in the '
            'order of labels'
        )
    for name, count in Counter(listed).items():
        if count > 1 or not name.strip():
            raise ValueError(
                f'{where} has {count} times the name {shown(name)}: give each class a name of its '
                'own'
            )
    return list(listed)


def require_file(path: str | Path) -> None:
    """Raises FileNotFoundError where there is no such annotation file."""
    if not Path(path).is_file():
        raise FileNotFoundError(f'no annotation file {path}: set ann_file (and data_root)')


def save_annotations(
    annotations: Iterable[dict],
    split: Mapping[str, list[str]],
    path: str | Path,
    classes: Sequence[str] = (),
) -> None:
    """Writes an annotation pickle that :func:`load_annotations` and mmaction2 read.

    Args:
        annotations (Iterable[dict]): The clips. Those of an iterator are written one by one and
            need not be in memory together.
        split (Mapping[str, list[str]]): Name of a split to the ``frame_dir`` of its clips. It is
            written last: an iterator may fill it on its way.
        path (str | Path): The file; its folder is made where it isn't there.
        classes (Sequence[str]): Names of the classes in the order of labels. Defaults to none.
    """
    with replacing(path) as file:
        file.write(pickle.PROTO + bytes([_PROTOCOL]) + pickle.EMPTY_DICT)
        file.write(_opcodes('annotations') + pickle.EMPTY_LIST)
        for clip in annotations:
            file.write(_opcodes(clip) + pickle.APPEND)
        file.write(pickle.SETITEM)
        rest = {'split': dict(split)} | ({'classes': list(classes)} if classes else {})
        for key, value in rest.items():
            file.write(_opcodes(key) + _opcodes(value) + pickle.SETITEM)
        file.write(pickle.STOP)


def _opcodes(value: object) -> bytes:
    """A pickle without its first and last opcode, to be put into another.

    Up to protocol 3 each numbers what it refers to, from 0: the next one overwrites it.
    """
    return pickle.dumps(value, protocol=_PROTOCOL)[2:-1]


def select_split(content: dict, split: str | None, path: str | Path) -> tuple[dict[int, dict], str]:
    """The clips of one split, in the file's order.

    A clip without a name is in every split, as nobody knows which one it belongs to.

    Args:
        content (dict): What :func:`load_annotations` returns.
        split (str | None): Name of the split; None for all clips.
        path (str | Path): The file, for errors.

    Returns:
        tuple[dict[int, dict], str]: The clips by their places in the file, and a warning where the
        split names more than these, else ''.

    Raises:
        ValueError: Where the file has no such split, or the split has no clip.
    """
    clips, splits = dict(enumerate(content['annotations'])), content['split']
    if not clips:
        raise ValueError(f'{path} has no clip: make the file again')
    if split is None:
        return clips, ''
    if split not in splits:
        raise ValueError(
            f'no split {shown(split)} in {path}: set split to one of {shown(list(splits))}'
            if splits
            else f'{path} has no splits, split={shown(split)} was asked for: set split=None'
        )
    names, where = set(splits[split]), f'split {shown(split)} of {path}'
    if not names:
        raise ValueError(f'{where} has no clip: take another split, or make the file again')
    of_clips = {place: name_of(clip) for place, clip in clips.items()}
    absent = sorted(names.difference(of_clips.values()))
    if len(absent) == len(names):
        raise ValueError(
            f'none of the {len(names)} names in {where} is the frame_dir of a clip (names: '
            f'{shown(absent)}, clips: {shown(list(of_clips.values()))}): write both alike'
        )
    chosen = {p: clips[p] for p, name in of_clips.items() if name is None or name in names}
    missing = f'{len(absent)} of {len(names)} names in {where} have no annotation: {shown(absent)}'
    return chosen, missing if absent else ''


def _check_structure(content: Any, path: Path) -> None:
    """Raises where a pickle that could be read isn't an annotation file."""
    if not isinstance(content, dict) or 'annotations' not in content:
        is_dict = isinstance(content, dict)
        found = f'keys {shown(list(content))}' if is_dict else type(content).__name__
        raise ValueError(f'{path} is no annotation file ({found}): it should hold {_FORMAT}')
    clips, splits = content['annotations'], _splits_of(content)
    if not isinstance(clips, list) or not all(isinstance(clip, dict) for clip in clips):
        raise ValueError(f"'annotations' of {path} is no list of dicts: it should hold {_FORMAT}")
    if not isinstance(splits, dict) or not all(map(_is_name_list, splits.values())):
        raise ValueError(f"'split' of {path} is no dict of name lists: it should hold {_FORMAT}")


def _splits_of(content: dict) -> Any:
    splits = content.get('split')
    return {} if splits is None else splits


def _is_name_list(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 1 and value.dtype.kind == 'U'
    is_collection = isinstance(value, (list, tuple, set, frozenset))
    return is_collection and all(isinstance(name, str) for name in value)
