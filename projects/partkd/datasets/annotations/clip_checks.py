"""What can be wrong with one clip of an annotation file."""

from typing import Any

import numpy as np

from partkd.layouts import PoseLayout, get_layout, layout_names

NAMELESS = 'it has no frame_dir (a string): name the clip'
_INTEGERS = (int, np.integer)


def check_clip(
    clip: dict,
    layout: PoseLayout,
    num_classes: int | None = None,
    require_labels: bool = True,
) -> str | None:
    """Looks for what would break training on one clip, or spoil it without a word.

    Args:
        clip (dict): One entry of ``annotations``.
        layout (PoseLayout): What its joints should be.
        num_classes (int, optional): Labels lie in [0, num_classes). Defaults to None: any
            label from 0 on is taken.
        require_labels (bool): Whether a clip without a label is bad. Defaults to True.

    Returns:
        str | None: What is wrong and what to do about it, without the clip's name; None for a
        good clip.
    """
    if name_of(clip) is None:
        return NAMELESS
    return (
        _label_fault(clip.get('label'), num_classes, require_labels)
        or _shape_fault(clip, layout)
        or _score_fault(clip)
        or _value_fault(clip)
        or _image_fault(clip.get('img_shape'))
    )


def visible_joints(clip: dict) -> np.ndarray:
    """Where a joint was seen: its score is above 0 and its coordinates aren't all 0.

    Args:
        clip (dict): ``keypoint`` (M, T, V, C) and, where there is one, ``keypoint_score``.

    Returns:
        np.ndarray: (M, T, V) bool.
    """
    visible = clip['keypoint'].any(axis=-1)
    score = clip.get('keypoint_score')
    return visible if score is None else visible & (score > 0)


def name_of(clip: dict) -> str | None:
    """The clip's ``frame_dir``; None where it is no string."""
    name = clip.get('frame_dir')
    return name if isinstance(name, str) else None


def _label_fault(label: Any, num_classes: int | None, require_labels: bool) -> str | None:
    if label is None:
        remedy = 'label it, or set require_labels=False where no label is needed'
        return f'it has no label: {remedy}' if require_labels else None
    if not isinstance(label, _INTEGERS) or isinstance(label, bool):
        return f'label is {label!r}: it should be one integer'
    if label < 0 or (num_classes is not None and label >= num_classes):
        upper = 'num_classes' if num_classes is None else num_classes
        return (
            f'label {label} is outside 0 <= label < {upper}: '
            'set num_classes, or count labels from 0'
        )
    return None


def _shape_fault(clip: dict, layout: PoseLayout) -> str | None:
    keypoint = clip.get('keypoint')
    if not isinstance(keypoint, np.ndarray) or keypoint.dtype.kind not in 'iuf':
        return 'it has no numeric array keypoint: give one of shape (M, T, V, C)'
    if keypoint.ndim != 4:
        return f'keypoint has shape {keypoint.shape}: it should have four axes, (M, T, V, C)'
    persons, frames, joints, channels = keypoint.shape
    if frames == 0:
        return 'it has no frames: leave it out'
    if joints != layout.num_joints:
        return _joint_count_fault(joints, layout)
    if channels not in layout.dims:
        dims = ' or '.join(map(str, layout.dims))
        return (
            f'keypoint has {channels} channels, layout {layout.name!r} has {dims}: '
            'set layout=..., and keep scores in keypoint_score'
        )
    total = clip.get('total_frames', frames)
    if not isinstance(total, _INTEGERS) or total != frames:
        return f'total_frames is {total!r}, keypoint has {frames} frames: make the two agree'
    return 'it has no persons: leave it out' if persons == 0 else None


def _joint_count_fault(joints: int, layout: PoseLayout) -> str:
    fitting = [name for name in layout_names() if get_layout(name).num_joints == joints]
    return (
        f'keypoint has {joints} joints, layout {layout.name!r} has {layout.num_joints}: '
        f'set layout=... (with {joints} joints: {", ".join(fitting) or "none that is known"})'
    )


def _score_fault(clip: dict) -> str | None:
    score = clip.get('keypoint_score')
    if score is None:
        return None
    if not isinstance(score, np.ndarray) or score.dtype.kind not in 'biuf':
        return 'keypoint_score is no numeric array: give one of shape (M, T, V), or none'
    shape = clip['keypoint'].shape[:3]
    if score.shape != shape:
        return f'keypoint_score has shape {score.shape}, keypoint asks for {shape}: cut or pad it'
    return _infinite_fault('keypoint_score', score)


def _value_fault(clip: dict) -> str | None:
    fault = _infinite_fault('keypoint', clip['keypoint'])
    if fault is None and not visible_joints(clip).any():
        return 'it has no persons (every joint is zero or has score 0): leave it out'
    return fault


def _infinite_fault(name: str, values: np.ndarray) -> str | None:
    # Items are float32: what doesn't fit there is infinite as well.
    with np.errstate(over='ignore'):
        finite = np.isfinite(values if values.itemsize <= 4 else values.astype(np.float32))
    if finite.all():
        return None
    bad = np.argwhere(~finite)
    places = dict(zip(('person', 'frame', 'joint'), bad[0].tolist()))
    where = ', '.join(f'{axis} {place}' for axis, place in places.items())
    return (
        f'{name} has {len(bad)} NaN or infinite values (first: {where}): '
        'set missing joints to 0, with score 0'
    )


def _image_fault(shape: Any) -> str | None:
    if shape is None:
        return None
    is_shape = isinstance(shape, (tuple, list, np.ndarray)) and len(shape) >= 2
    if is_shape and all(isinstance(side, _INTEGERS) and side > 0 for side in shape[:2]):
        return None
    return f'img_shape is {shape!r}: it should be (height, width) in pixels'
