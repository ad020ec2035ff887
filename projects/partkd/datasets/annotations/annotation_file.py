"""Annotation pickles: reading, writing, choosing a split.

The format is mmaction2's: ``dict(split={name: [frame_dir]}, annotations=[dict(frame_dir, label,
total_frames, keypoint (M, T, V, C), keypoint_score (M, T, V) where the source has one, ...)])``,
and ``classes``, their names in the order of labels, where they are known.
"""

import pickle
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from partkd.files import replacing

from .clip_checks import name_of
from .restricted_pickle import RefusedGlobalError, restricted_load

_PROTOCOL = 3
_FORMAT = 'dict(split={name: [frame_dir]}, annotations=[dict(frame_dir, label, keypoint, ...)])'


def load_annotations(path: str | Path) -> dict:
    """Reads an annotation pickle without running anything that is in it.

    Args:
        path (str | Path): The annotation file.

    Returns:
        dict: ``split`` (dict of name to list of ``frame_dir``; empty where the file is a plain
        list of clips) and ``annotations`` (list of dict). Arrays are read-only and keep the
        file's dtype.

    Raises:
        FileNotFoundError: Where there is no such file.
        ValueError: Where the file is truncated, asks for anything but numpy arrays, scalars and
            builtin containers, or isn't an annotation file.
    """
    path = Path(path)
    require_file(path)
    content = _read_pickle(path)
    if isinstance(content, list):
        content = {'split': {}, 'annotations': content}
    _check_structure(content, path)
    return {'split': content.get('split') or {}, 'annotations': content['annotations']}


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


def select_split(content: dict, split: str | None, path: str | Path) -> tuple[list[dict], str]:
    """The clips of one split, in the file's order.

    Args:
        content (dict): What :func:`load_annotations` returns.
        split (str | None): Name of the split; None for all clips.
        path (str | Path): The file, for errors.

    Returns:
        tuple[list[dict], str]: The clips, and a warning where the split names more than these,
        else ''.

    Raises:
        ValueError: Where the file has no such split, or the split has no clip.
    """
    clips, splits, warning = content['annotations'], content['split'], ''
    if split is not None:
        if split not in splits:
            raise ValueError(
                f'no split {split!r} in {path}: set split to one of {sorted(map(str, splits))}'
                if splits
                else f'{path} has no splits, split={split!r} was asked for: set split=None'
            )
        names = set(splits[split])
        clips = [clip for clip in clips if name_of(clip) in names]
        warning = _names_without_clip(names, clips, f'split {split!r} of {path}')
    if not clips:
        where = f'split {split!r} of {path}' if split is not None else str(path)
        raise ValueError(f'{where} has no clip: take another split, or make the file again')
    return clips, warning


def _names_without_clip(names: set[str], clips: list[dict], where: str) -> str:
    absent = sorted(names.difference(map(name_of, clips)))
    if not absent:
        return ''
    return (
        f'{len(absent)} of {len(names)} names in {where} have no annotation: '
        f'{", ".join(absent[:5])}{", ..." if len(absent) > 5 else ""}'
    )


def _read_pickle(path: Path) -> Any:
    with path.open('rb') as file:
        try:
            return restricted_load(file)
        except RefusedGlobalError as error:
            raise ValueError(
                f'{path} asks for {error}, which an annotation file has no use for; it was not '
                'run. Write the file again with numpy arrays, numbers, strings, dicts and lists'
            ) from None
        except Exception as error:  # the unpickler raises nearly anything on foreign bytes
            raise ValueError(
                f'{path} ({path.stat().st_size} bytes) is truncated or no pickle '
                f'({type(error).__name__}: {error}): copy or download it again'
            ) from error


def _check_structure(content: Any, path: Path) -> None:
    """Raises where a pickle that could be read isn't an annotation file."""
    if not isinstance(content, dict) or 'annotations' not in content:
        found = f'keys {sorted(map(str, content))[:8]}' if isinstance(content, dict) else content
        found = found if isinstance(found, str) else type(content).__name__
        raise ValueError(f'{path} is no annotation file ({found}): it should hold {_FORMAT}')
    clips, splits = content['annotations'], content.get('split') or {}
    if not isinstance(clips, list) or not all(isinstance(clip, dict) for clip in clips):
        raise ValueError(f"'annotations' of {path} is no list of dicts: it should hold {_FORMAT}")
    if not isinstance(splits, dict) or not all(map(_is_name_list, splits.values())):
        raise ValueError(f"'split' of {path} is no dict of name lists: it should hold {_FORMAT}")


def _is_name_list(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 1 and value.dtype.kind == 'U'
    is_collection = isinstance(value, (list, tuple, set, frozenset))
    return is_collection and all(isinstance(name, str) for name in value)
