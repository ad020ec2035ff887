"""What can be wrong with one clip of an annotation file."""

from typing import Any

import numpy as np

from partkd.layouts import PoseLayout, get_layout, layout_names
from partkd.messages import shown

NAMELESS = 'it has no frame_dir (a string of 1 to 1000 characters, none a zero): name the clip'
# More than any set of actions has. A classifier has an output for each.
MOST_CLASSES = 10**6
_LONGEST_NAME = 1000
# A picture of a million pixels, a kilometre in millimetres. Squares of larger numbers spoil the
# running variances of batch normalisation for good.
_LARGEST = 1e6
# Estimators of heat maps give a little less than 0 and more than 1, others percents or 8 bits. What
# is far below 0 is the logit of a probability, of which 0 says nothing.
_SCORES = (-1.0, 1000.0)
_MOST_PIXELS = 10**6
NO_PERSONS = 'it has no persons: leave it out'
NOBODY_SEEN = 'it has no persons (every joint is zero or has score 0): leave it out'


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


def shows_nobody(clip: dict, layout: PoseLayout) -> bool:
    """Whether nothing is wrong with a clip but that nobody is seen.

    Args:
        clip (dict): One entry of ``annotations``; it needs no label.
        layout (PoseLayout): What its joints should be.
    """
    return check_clip(clip, layout, require_labels=False) in (NO_PERSONS, NOBODY_SEEN)


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
    """The clip's ``frame_dir``; None where it is none.

    That is a string of at most 1000 characters without the zero, at which numpy would end it.
    """
    name = clip.get('frame_dir')
    is_name = isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME and '\0' not in name
    return name if is_name else None


def label_of(clip: dict) -> int | None:
    """The clip's ``label``; None where it is no integer."""
    label = clip.get('label')
    return None if label is None or not _is_integer(label) else int(label)


def _label_fault(label: Any, num_classes: int | None, require_labels: bool) -> str | None:
    if label is None:
        remedy = 'label it, or set require_labels=False where no label is needed'
        return f'it has no label: {remedy}' if require_labels else None
    if not _is_integer(label):
        return f'label is {shown(label)}: it should be one integer'
    if not 0 <= label < (num_classes or MOST_CLASSES):
        upper = 'num_classes' if num_classes is None else num_classes
        return (
            f'label {shown(label)} is outside 0 <= label < {upper}: '
            'set num_classes, or count labels from 0'
        )
    return None


def _is_integer(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


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
            f'keypoint has {channels} channels, layout {shown(layout.name)} has {dims}: '
            'set layout=..., and keep scores in keypoint_score'
        )
    total = clip.get('total_frames', frames)
    if not _is_integer(total) or total != frames:
        return f'total_frames is {shown(total)}, keypoint has {frames} frames: make the two agree'
    return NO_PERSONS if persons == 0 else None


def _joint_count_fault(joints: int, layout: PoseLayout) -> str:
    fitting = [name for name in layout_names() if get_layout(name).num_joints == joints]
    return (
        f'keypoint has {joints} joints, layout {shown(layout.name)} has {layout.num_joints}: '
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
    return _range_fault('keypoint_score', score, *_SCORES)


def _value_fault(clip: dict) -> str | None:
    fault = _range_fault('keypoint', clip['keypoint'], -_LARGEST, _LARGEST)
    if fault is None and not visible_joints(clip).any():
        return NOBODY_SEEN
    return fault


def _range_fault(name: str, values: np.ndarray, low: float, high: float) -> str | None:
    if float(values.min()) >= low and float(values.max()) <= high:  # NaN is neither
        return None
    # Of the widest type: the bounds are no numbers of some others.
    wide = values.astype(np.float64)
    finite = np.isfinite(wide)
    bad = np.argwhere(~((wide >= low) & (wide <= high) if finite.all() else finite))
    places = dict(zip(('person', 'frame', 'joint'), bad[0].tolist()))
    where = ', '.join(f'{axis} {place}' for axis, place in places.items())
    if not finite.all():
        return (
            f'{name} has {len(bad)} NaN or infinite values (first: {where}): '
            'set missing joints to 0, with score 0'
        )
    return (
        f'{name} has {len(bad)} values outside [{low:g}, {high:g}], such as '
        f'{wide[tuple(bad[0])]:g} (first: {where}): take other units, and set missing joints to 0, '
        'with score 0'
    )


def _image_fault(shape: Any) -> str | None:
    if shape is None:
        return None
    sides = list(shape[:2]) if isinstance(shape, (tuple, list)) or np.ndim(shape) else []
    if len(sides) == 2 and all(_is_integer(side) and 0 < side <= _MOST_PIXELS for side in sides):
        return None
    return f'img_shape is {shown(shape)}: it should be (height, width) in pixels'
