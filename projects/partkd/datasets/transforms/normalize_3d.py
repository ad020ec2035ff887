"""Normalisation of positions in space."""

import numpy as np
from mmaction.registry import TRANSFORMS

from partkd.arguments import checked
from partkd.layouts import PoseLayout

from .base import CoordinateTransform, DeterministicTransform
from .coordinates import (
    landmark,
    present_joints,
    require_channels,
    seen_joints,
)


@TRANSFORMS.register_module()
class NormalizePose3D(DeterministicTransform, CoordinateTransform):
    """Moves a clip to the origin; on request turns it towards the viewer and scales it.

    One movement serves the whole clip and all its persons. Unlike mmaction2's ``PreNormalize3D``
    it takes any layout and number of persons and keeps every frame, so that pairs stay aligned,
    and it turns with one orthonormal frame: aligning the shoulders doesn't tilt the spine again.
    Joints that have no position stay exactly 0.

    Args:
        align (bool): Turns the spine (hip centre to shoulder centre) to +z and the shoulders
            (left to right) towards +x, both in the first frame that shows them. Defaults to
            False.
        scale (bool): Divides by the median length of the torso (hip centre to shoulder centre).
            Defaults to False: units stay the source's.
    """

    @checked
    def __init__(self, align: bool = False, scale: bool = False) -> None:
        self.align = align
        self.scale = scale

    def apply(self, results: dict) -> dict:
        """Normalises ``keypoint``.

        Args:
            results (dict): Needs ``keypoint`` (M, T, V, 3), ``keypoint_score`` (M, T, V) and
                ``layout``.

        Returns:
            dict: The item, ``keypoint`` normalised.

        Raises:
            ValueError: Where the clip is in 2D.
        """
        require_channels(results, 3, 'NormalizePose3D', 'NormalizePose2D')
        keypoint, layout = results['keypoint'], results['layout']
        present, seen = present_joints(results), seen_joints(results)
        if not seen.any():
            return results
        normalized = keypoint - _first_centre(keypoint, seen, layout.centre)
        if self.align:
            normalized = normalized @ _body_axes(keypoint, seen, layout).T
        if self.scale:
            normalized = normalized / _torso_length(keypoint, seen, layout)
        results['keypoint'] = np.where(present[..., None], normalized, 0).astype(np.float32)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(align={self.align}, scale={self.scale})'


def _first_centre(keypoint: np.ndarray, seen: np.ndarray, centre: int) -> np.ndarray:
    """The centre joint of the first person who shows it, in the first frame that does."""
    person, frame = _first(seen[:, :, centre])
    if person is not None:
        return keypoint[person, frame, centre].astype(np.float64)
    person, frame = _first(seen.any(axis=-1))
    return keypoint[person, frame][seen[person, frame]].mean(axis=0, dtype=np.float64)


def _body_axes(keypoint: np.ndarray, seen: np.ndarray, layout: PoseLayout) -> np.ndarray:
    """Rotation (3, 3) whose rows are the body's right, front and up; identity if not seen."""
    left, right = (landmark(keypoint, seen, (joint,)) for joint in _sides(layout.shoulders))
    hips, hips_seen = landmark(keypoint, seen, layout.hips)
    up = (left[0] + right[0]) / 2 - hips
    across = right[0] - left[0]
    # Spine and shoulders span a plane only where they are not parallel.
    front = np.cross(up, across)
    usable = left[1] & right[1] & hips_seen & (np.linalg.norm(front, axis=-1) > 1e-9)
    person, frame = _first(usable)
    if person is None:
        return np.eye(3)
    up, front = (axis[person, frame] / np.linalg.norm(axis[person, frame]) for axis in (up, front))
    return np.stack([np.cross(front, up), front, up])


def _torso_length(keypoint: np.ndarray, seen: np.ndarray, layout: PoseLayout) -> float:
    """Median distance of hip centre and shoulder centre over persons and frames; never 0."""
    hips, hips_seen = landmark(keypoint, seen, layout.hips)
    shoulders, shoulders_seen = landmark(keypoint, seen, layout.shoulders)
    lengths = np.linalg.norm(shoulders - hips, axis=-1)[hips_seen & shoulders_seen]
    length = float(np.median(lengths)) if lengths.size else 0.0
    return length if length > 0 else 1.0


def _sides(shoulders: tuple[int, ...]) -> tuple[int, int]:
    return shoulders[0], shoulders[-1]


def _first(mask: np.ndarray) -> tuple[int, int] | tuple[None, None]:
    """First True of the first row (person) that has one."""
    rows = mask.any(axis=1)
    if not rows.any():
        return None, None
    person = int(rows.argmax())
    return person, int(mask[person].argmax())
