"""What a poor pose estimator makes of people in a video."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from partkd.layouts import PoseLayout

from .camera import Camera

# How far an estimator is off at a joint: the ends of the limbs are the hardest.
_DIFFICULTY = dict(shoulder=0.5, elbow=1.3, wrist=2.2, hip=0.7, knee=1.0, ankle=1.6)


def estimate(
    points: np.ndarray,
    camera: Camera,
    layout: PoseLayout,
    rng: np.random.Generator,
    strength: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Degrade the projection of people as a poor 2D pose estimator would.

    Jitter grows with distance and speed and lasts over some frames. Joints behind a trunk are
    guessed. Limbs change sides where left and right are close. Some joints and some frames are
    missed: coordinates and score are 0 there. The score falls with the error, but knows nothing
    of changed sides.

    Args:
        points (np.ndarray): True positions (M, T, V, 3) of the layout's joints in the camera's
            axes, in metres.
        camera (Camera): The camera.
        layout (PoseLayout): A layout that has shoulders and hips.
        rng (np.random.Generator): Source of the randomness.
        strength (float): How poor the estimator is; 0 gives the exact projection with scores
            of 1. Defaults to 1.

    Returns:
        tuple[np.ndarray, np.ndarray]: Pixels (M, T, V, 2) and scores (M, T, V) in [0, 1], float32.
    """
    pixels = camera.project(points)
    trunk = _trunk_length(pixels, layout)
    hidden = _hidden(points, layout)
    error = strength * _jitter(pixels, points, hidden, trunk, layout, rng)
    scores = _scores(error, trunk, strength, rng)
    pixels = pixels + error
    for person in range(len(pixels)):
        _swap_sides(pixels[person], scores[person], trunk[person], layout, strength, rng)
        missed = _bursts(rng, np.full(pixels.shape[1], 0.008 * strength), 5)
        scores[person][missed] = 0
    scores[scores < 0.12] = 0
    pixels[scores == 0] = 0
    return pixels.astype(np.float32), scores.astype(np.float32)


def _trunk_length(pixels: np.ndarray, layout: PoseLayout) -> np.ndarray:
    """Median distance (M, 1) from shoulders to hips in pixels."""
    shoulders = pixels[:, :, list(layout.shoulders)].mean(2)
    hips = pixels[:, :, list(layout.hips)].mean(2)
    return np.median(np.linalg.norm(shoulders - hips, axis=-1), axis=1, keepdims=True)


def _jitter(
    pixels: np.ndarray,
    points: np.ndarray,
    hidden: np.ndarray,
    trunk: np.ndarray,
    layout: PoseLayout,
    rng: np.random.Generator,
) -> np.ndarray:
    """Errors (M, T, V, 2) in pixels."""
    difficulty = [_DIFFICULTY.get(name.split('_')[-1], 0.5) for name in layout.joints]
    speed = np.linalg.norm(np.gradient(pixels, axis=1), axis=-1)
    distance = points[..., 2]
    spread = np.array(difficulty) * (0.75 * distance + 0.5 * speed)
    noise = 0.8 * _slow_noise(rng, pixels.shape, 0.7)
    # Every clip has errors of its own that no average over time removes.
    noise += 0.8 * rng.normal(size=(len(pixels), 1, *pixels.shape[2:]))
    guess = 0.18 * trunk[..., None, None] * hidden[..., None]
    return spread[..., None] * noise + guess * _slow_noise(rng, pixels.shape, 0.95)


def _slow_noise(rng: np.random.Generator, shape: tuple[int, ...], memory: float) -> np.ndarray:
    """Noise of unit variance that is correlated over the second axis."""
    white = rng.normal(size=shape)
    white[:, 1:] *= np.sqrt(1 - memory**2)
    return lfilter([1], [1, -memory], white, axis=1)


def _hidden(points: np.ndarray, layout: PoseLayout) -> np.ndarray:
    """Whether a joint is behind somebody's trunk (M, T, V), as the camera sees it."""
    top = points[:, :, list(layout.shoulders)].mean(2)
    bottom = points[:, :, list(layout.hips)].mean(2)
    hidden = np.zeros(points.shape[:3], dtype=bool)
    for start, end in zip(top, bottom, strict=True):
        hidden |= _behind(points, start, end)
    return hidden


def _behind(
    points: np.ndarray, start: np.ndarray, end: np.ndarray, radius: float = 0.14
) -> np.ndarray:
    """Whether points (M, T, V, 3) are behind the capsule around a moving line (T, 3) each."""
    # On the ray to a point, find what is as deep as the trunk, and how far from its axis that is.
    start, end = start[:, None], end[:, None]
    depth = (start[..., 2:] + end[..., 2:]) / 2
    on_ray = points * depth / points[..., 2:]
    axis = end - start
    share = ((on_ray - start) * axis).sum(-1, keepdims=True) / (axis**2).sum(-1, keepdims=True)
    nearest = start + np.clip(share, 0, 1) * axis
    beside = np.linalg.norm((on_ray - nearest)[..., :2], axis=-1)
    return (beside < radius) & (points[..., 2] > depth[..., 0] + 0.08)


def _scores(
    error: np.ndarray, trunk: np.ndarray, strength: float, rng: np.random.Generator
) -> np.ndarray:
    """Confidence (M, T, V), which an estimator knows only roughly."""
    size = np.linalg.norm(error, axis=-1) / trunk[..., None]
    doubt = np.exp(0.3 * min(strength, 1) * _slow_noise(rng, size.shape, 0.6))
    return np.exp(-size * doubt / 0.3)


def _swap_sides(
    pixels: np.ndarray,
    scores: np.ndarray,
    trunk: np.ndarray,
    layout: PoseLayout,
    strength: float,
    rng: np.random.Generator,
) -> None:
    """Let arms, legs or all of a person (T, V, 2) change sides for a while, in place."""
    _, left_arm, right_arm, left_leg, right_leg = layout.parts
    for left, right in ((left_arm, right_arm), (left_leg, right_leg)):
        joints = np.array([*left, *right])
        other = np.array([layout.swap[joint] for joint in joints])
        gap = np.linalg.norm(pixels[:, joints] - pixels[:, other], axis=-1).mean(-1)
        near = np.exp(-((gap / (0.5 * trunk)) ** 2))
        swapped = np.flatnonzero(_bursts(rng, strength * (0.004 + 0.06 * near), 6))[:, None]
        pixels[swapped, joints] = pixels[swapped, other]
        scores[swapped, joints] = scores[swapped, other]


def _bursts(rng: np.random.Generator, rate: np.ndarray, length: float) -> np.ndarray:
    """Frames (T,) in events that begin at a rate (T,) and last ``length`` frames on average."""
    active = np.zeros(len(rate), dtype=bool)
    for start in np.flatnonzero(rng.random(len(rate)) < rate):
        active[start : start + rng.geometric(1 / length)] = True
    return active
