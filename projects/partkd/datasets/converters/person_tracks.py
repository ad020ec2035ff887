"""Persons that were found frame by frame, linked over time."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

FARTHEST = 0.5  # of a person's size, from one sight to the next, on the mean of joints
_IMPOSSIBLE = 1e6


class _Track:
    """One person: where it was last seen, and its poses by frame."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self.poses: list[np.ndarray] = []

    def add(self, frame: int, pose: np.ndarray) -> None:
        self.frames.append(frame)
        self.poses.append(pose)

    @property
    def weight(self) -> float:
        """How much was seen of it."""
        return float(sum(pose[:, 2].sum() for pose in self.poses))


def link_persons(detections: Sequence[np.ndarray], persons: int) -> tuple[np.ndarray, np.ndarray]:
    """Who is who over the frames of a clip.

    In each frame persons are assigned to those of earlier frames, so that the sum of distances is
    least (Hungarian method). A distance is the mean over joints that were seen both times, in units
    of the person's size when it was last seen. Who is farther than half of that is somebody new.

    Args:
        detections (Sequence[np.ndarray]): Of each frame the persons in it, (n, V, 3): x, y, score,
            in any order.
        persons (int): How many are kept at most: those with the largest sum of scores.

    Returns:
        tuple[np.ndarray, np.ndarray]: (M, T, V, 2) and scores (M, T, V), zeros where a person was
        not seen.
    """
    tracks: list[_Track] = []
    for frame, found in enumerate(detections):
        for track, pose in _assign(tracks, found):
            if track is None:
                track = _Track()
                tracks.append(track)
            track.add(frame, pose)
    kept = sorted(tracks, key=lambda track: track.weight, reverse=True)[:persons]
    joints = kept[0].poses[0].shape[0] if kept else 0
    linked = np.zeros((len(kept), len(detections), joints, 3))
    for person, track in zip(linked, kept):
        person[track.frames] = track.poses
    return linked[..., :2], linked[..., 2]


def _assign(tracks: list[_Track], found: np.ndarray) -> list[tuple[_Track | None, np.ndarray]]:
    """Each person of a frame with the one it was before, or None."""
    if not len(found) or not tracks:
        return [(None, pose) for pose in found]
    last = np.stack([track.poses[-1] for track in tracks])
    costs = _distances(last, found)
    owners: list[_Track | None] = [None] * len(found)
    for track, person in zip(*linear_sum_assignment(costs)):
        if costs[track, person] <= FARTHEST:
            owners[person] = tracks[track]
    return list(zip(owners, found))


def _distances(last: np.ndarray, found: np.ndarray) -> np.ndarray:
    """(A, V, 3) and (B, V, 3) to (A, B); too far where it is farther than `FARTHEST`."""
    seen = (last[:, None, :, 2] > 0) & (found[None, :, :, 2] > 0)
    apart = np.linalg.norm(last[:, None, :, :2] - found[None, :, :, :2], axis=-1)
    mean = (apart * seen).sum(axis=-1) / np.maximum(seen.sum(axis=-1), 1)
    distance = mean / np.maximum(_size(last), 1e-9)[:, None]
    # All that are too far cost the same, so that no good pair is given up for a less bad one.
    return np.where(seen.any(axis=-1) & (distance <= FARTHEST), distance, _IMPOSSIBLE)


def _size(poses: np.ndarray) -> np.ndarray:
    """The diagonal of the box around the joints that were seen, (A,)."""
    hidden = poses[..., 2:] <= 0
    low = np.where(hidden, np.inf, poses[..., :2]).min(axis=1)
    high = np.where(hidden, -np.inf, poses[..., :2]).max(axis=1)
    return np.linalg.norm(np.where(np.isfinite(high - low), high - low, 0), axis=-1)
