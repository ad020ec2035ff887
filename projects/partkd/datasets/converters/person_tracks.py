"""Persons that were found frame by frame, linked over time."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from partkd.arguments import Whole, checked

FARTHEST = 0.5  # of a person's size, from one sight to the next, on the mean of joints
_IMPOSSIBLE = 1e6


class PersonTracker:
    """Numbers the persons that are found frame by frame, as frames come.

    In each frame persons are assigned to those of earlier frames, so that the sum of distances is
    least (Hungarian method). A distance is the mean over joints that were seen both times, in units
    of the person's size when it was last seen. Who is farther than half of that is somebody new.

    Args:
        forget_after (int, optional): Frames after which somebody who was not seen is forgotten, and
            would be somebody new. Defaults to None, never.
    """

    @checked
    def __init__(self, forget_after: Whole | None = None) -> None:
        self.forget_after = forget_after
        self._frame = self._count = 0
        self._last: dict[int, np.ndarray] = {}  # where each was last seen, (V, 3)
        self._when: dict[int, int] = {}

    def update(self, found: np.ndarray) -> list[int]:
        """Number the persons of the next frame.

        Args:
            found (np.ndarray): In any order, (n, V, 3): x, y, score.

        Returns:
            list[int]: The number of each, from 0 on; the same person has the same.
        """
        self._forget()
        numbers = self._assign(found)
        for number, pose in zip(numbers, found, strict=True):
            self._last[number], self._when[number] = pose, self._frame
        self._frame += 1
        return numbers

    def _forget(self) -> None:
        if self.forget_after is None:
            return
        for number in [n for n, w in self._when.items() if self._frame - w > self.forget_after]:
            del self._last[number], self._when[number]

    def _assign(self, found: np.ndarray) -> list[int]:
        numbers: list[int | None] = [None] * len(found)
        if len(found) and self._last:
            known = list(self._last)
            costs = _distances(np.stack([self._last[number] for number in known]), found)
            for row, person in zip(*linear_sum_assignment(costs), strict=True):
                if costs[row, person] <= FARTHEST:
                    numbers[person] = known[row]
        return [self._new() if number is None else number for number in numbers]

    def _new(self) -> int:
        self._count += 1
        return self._count - 1


def link_persons(detections: Sequence[np.ndarray], persons: int) -> tuple[np.ndarray, np.ndarray]:
    """Who is who over the frames of a clip, see :class:`PersonTracker`.

    Args:
        detections (Sequence[np.ndarray]): Of each frame the persons in it, (n, V, 3): x, y, score,
            in any order.
        persons (int): How many are kept at most: those with the largest sum of scores.

    Returns:
        tuple[np.ndarray, np.ndarray]: (M, T, V, 2) and scores (M, T, V), zeros where a person was
        not seen.
    """
    tracker = PersonTracker()
    tracks: dict[int, dict[int, np.ndarray]] = {}  # of each person its poses by frame
    for frame, found in enumerate(detections):
        for number, pose in zip(tracker.update(found), found, strict=True):
            tracks.setdefault(number, {})[frame] = pose
    kept = sorted(tracks.values(), key=_weight, reverse=True)[:persons]
    joints = len(next(iter(kept[0].values()))) if kept else 0
    linked = np.zeros((len(kept), len(detections), joints, 3))
    for person, track in zip(linked, kept, strict=True):
        person[list(track)] = list(track.values())
    return linked[..., :2], linked[..., 2]


def _weight(track: dict[int, np.ndarray]) -> float:
    """How much was seen of somebody."""
    return float(sum(pose[:, 2].sum() for pose in track.values()))


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
