"""What a body does over time, and the curves it is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FRAMES_PER_SECOND = 30


@dataclass
class Motion:
    """Targets and angles of a body over T frames.

    Sides are (left, right). Directions are (outward, up, forward), so that a mirrored motion is
    the same motion with its sides exchanged. Angles are (bend forward, turn left, lean right) in
    radians.

    Args:
        root (np.ndarray): Displacement of the pelvis (T, 3) as (left, up, forward), in leg lengths.
        pelvis (np.ndarray): Angles of the pelvis (T, 3).
        chest (np.ndarray): Angles of the chest against the pelvis (T, 3).
        head (np.ndarray): Angles of the head against the chest (T, 3).
        hands (np.ndarray): Wrists as seen from their shoulders (2, T, 3), in the chest's axes and
            arm lengths.
        elbows (np.ndarray): Where the elbows point to (2, 3), in the chest's axes.
        feet (np.ndarray): Ankles, measured on the floor from below their hips (2, T, 3), in leg
            lengths.
    """

    root: np.ndarray
    pelvis: np.ndarray
    chest: np.ndarray
    head: np.ndarray
    hands: np.ndarray
    elbows: np.ndarray
    feet: np.ndarray

    @property
    def num_frames(self) -> int:
        """The number T of frames."""
        return len(self.root)

    def reach(self, side: int, target: np.ndarray | tuple, weight: np.ndarray) -> None:
        """Move a hand towards a target.

        Args:
            side (int): 0 for the left hand, 1 for the right one.
            target (np.ndarray | tuple): Target (3,) or (T, 3), as in ``hands``.
            weight (np.ndarray): How far it goes there (T,), from 0 to 1.
        """
        way = np.asarray(target) - self.hands[side]
        # In front of the shoulder and not through it, where the elbow would change sides at once.
        detour = weight * (1 - weight) * np.abs(way[..., 1])
        self.hands[side] += weight[:, None] * way + detour[:, None] * np.array([0.2, 0.0, 1.0])


def ease(phase: np.ndarray, start: float, end: float) -> np.ndarray:
    """A smooth step from 0 at ``start`` to 1 at ``end`` (minimum jerk)."""
    x = np.clip((phase - start) / (end - start), 0, 1)
    return x**3 * (10 - 15 * x + 6 * x**2)


def plateau(phase: np.ndarray, start: float, full: float, leave: float, end: float) -> np.ndarray:
    """A smooth curve that rises from ``start`` to ``full`` and falls from ``leave`` to ``end``."""
    return ease(phase, start, full) * (1 - ease(phase, leave, end))


def sway(rng: np.random.Generator, num_frames: int, shape: tuple[int, ...] = ()) -> np.ndarray:
    """Slow and aimless movement.

    Args:
        rng (np.random.Generator): Source of the randomness.
        num_frames (int): The number T of frames.
        shape (tuple[int, ...]): Shape of what moves. Defaults to ``()``, one value.

    Returns:
        np.ndarray: (T, \\*shape), of unit variance over many draws.
    """
    time = np.arange(num_frames).reshape(-1, *(1 for _ in shape), 1) / FRAMES_PER_SECOND
    hertz = rng.uniform(0.05, 0.9, (*shape, 4))
    start = rng.uniform(0, 2 * np.pi, (*shape, 4))
    strength = rng.normal(0, 1, (*shape, 4))
    return (strength * np.sin(2 * np.pi * hertz * time + start)).sum(-1) / np.sqrt(2)
