"""What may be right and seldom is: clips that are read otherwise than they were written."""

import warnings
from collections.abc import Sequence

import numpy as np
from scipy.sparse.csgraph import minimum_spanning_tree

from partkd.layouts import PoseLayout, get_layout, layout_names

from .clip_checks import visible_joints

_CLIPS, _FRAMES = 200, 8  # so many are looked at, evenly over the file and over a clip
_PERSONS = 4  # of one or two frames: fewer may well have been seen in a picture
_REPEATED = 0.01  # share of all joints
# Bones are longer than the shortest tree between the joints: 1.06 to 1.29 times in 3D and 1.17 to
# 1.72 times in 2D on the data sets at hand, 1.5 to 4 times where joints were exchanged at random.
_LONGEST = {2: 2.0, 3: 1.4}
_BETTER = 0.88  # of the length under another layout


def suspicions(clips: Sequence[dict], layout: PoseLayout) -> str:
    """What looks as if it had been written in another form.

    Args:
        clips (Sequence[dict]): Clips without a fault.
        layout (PoseLayout): Their layout.

    Returns:
        str: A warning, a line for each; empty where all looks right.
    """
    if not clips:
        return ''
    some = [clips[place] for place in _evenly(len(clips), _CLIPS)]
    found = [_exchanged_axes(clips), _repeated_value(some), _unlike_a_body(some, layout)]
    return '\n'.join(sentence for sentence in found if sentence)


def _evenly(number: int, most: int) -> np.ndarray:
    """Places of at most so many items, evenly over all."""
    return np.unique(np.linspace(0, number - 1, min(number, most)).astype(int))


def _exchanged_axes(clips: Sequence[dict]) -> str:
    shapes = [clip['keypoint'].shape for clip in clips]
    number = sum(shape[1] <= 2 and shape[0] >= _PERSONS for shape in shapes)
    if not number:
        return ''
    return (
        f'{number} of {len(clips)} clips have one or two frames of {_PERSONS} persons or more: are '
        'the frames on the first axis of keypoint? It is (M, T, V, C), persons first; one person '
        'is keypoint[None]'
    )


def _repeated_value(clips: Sequence[dict]) -> str:
    """A coordinate that stands for a missing joint; zeros and scores of 0 are known as such."""
    without_scores = [clip for clip in clips if clip.get('keypoint_score') is None]
    if not without_scores:
        return ''
    seen = [clip['keypoint'][visible_joints(clip)] for clip in without_scores]
    joints = [np.nonzero(visible_joints(clip))[2] for clip in without_scores]
    values, inverse, counts = np.unique(
        np.concatenate(seen), axis=0, return_inverse=True, return_counts=True
    )
    if not len(values):
        return ''
    most = counts.argmax()
    where = inverse.reshape(-1) == most
    is_of_several_joints = len(np.unique(np.concatenate(joints)[where])) > 1
    if counts[most] < _REPEATED * counts.sum() or counts[most] < 2 or not is_of_several_joints:
        return ''
    return (
        f'{counts[most] / counts.sum():.0%} of the joints are at exactly '
        f'{tuple(values[most].tolist())}: does that mean that they were not seen? Set such '
        'coordinates to 0, or give them a keypoint_score of 0'
    )


def _unlike_a_body(clips: Sequence[dict], layout: PoseLayout) -> str:
    distances = _distances(clips)
    length = _relative_length(distances, layout)
    channels = clips[0]['keypoint'].shape[-1]
    others = {
        name: _relative_length(distances, other)
        for name, other in ((name, get_layout(name)) for name in layout_names())
        if other.num_joints == layout.num_joints and channels in other.dims
    }
    best = min(others, key=others.__getitem__, default='')
    is_better = bool(best) and others[best] < _BETTER * length
    if not is_better and length <= _LONGEST.get(channels, np.inf):
        return ''
    better = f'; those of {best} are {others[best]:.2f} times as long' if is_better else ''
    return (
        f'the bones of layout {layout.name} are {length:.2f} times as long as the shortest links '
        f"between these clips' joints{better}: are the joints in the layout's order? It is "
        f'{", ".join(layout.joints)}'
    )


def _distances(clips: Sequence[dict]) -> np.ndarray:
    """Median distance of every two joints, (V, V), in units of a pose's median; NaN: not known."""
    poses, seen = [], []
    for clip in clips:
        frames = _evenly(clip['keypoint'].shape[1], _FRAMES)
        poses.append(np.concatenate(clip['keypoint'][:, frames].astype(np.float64)))
        seen.append(np.concatenate(visible_joints(clip)[:, frames]))
    pose, there = np.concatenate(poses), np.concatenate(seen)
    between = np.linalg.norm(pose[:, :, None] - pose[:, None], axis=-1)
    between[~(there[:, :, None] & there[:, None])] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', RuntimeWarning)  # of poses and pairs that were never seen
        size = np.nanmedian(between, axis=(1, 2), keepdims=True)
        medians: np.ndarray = np.nanmedian(between / np.where(size > 0, size, np.nan), axis=0)
    return medians


def _relative_length(distances: np.ndarray, layout: PoseLayout) -> float:
    """Length of a layout's bones over that of the shortest tree between the joints; 1 if unknown.

    Joints of which too little was seen are left out, with their bones.
    """
    known = np.isfinite(distances).all(axis=1)
    if not known.all():
        known = np.isfinite(distances[:, np.isfinite(distances).mean(axis=0) > 0.5]).all(axis=1)
    bones = [(a, b) for a, b in enumerate(layout.bones()) if a != b and known[a] and known[b]]
    within = np.flatnonzero(known)
    if len(within) < 3 or len(bones) < len(within) - 1:
        return 1.0
    shortest = minimum_spanning_tree(np.nan_to_num(distances[np.ix_(within, within)])).sum()
    return float(sum(distances[bone] for bone in bones) / shortest) if shortest else 1.0
