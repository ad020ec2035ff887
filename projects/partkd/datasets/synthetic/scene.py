"""One performance of an action: everybody's joints in the world, over time."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from .actions import Action, Style
from .motion import Motion
from .subjects import Subject, fidget

_PAIR_DISTANCE = (0.85, 1.1)


def perform(
    rng: np.random.Generator,
    action: Action,
    actor: Subject,
    habit: Style,
    partner: Subject,
    num_frames: tuple[int, int],
) -> np.ndarray:
    """Let a person do an action, with a partner where it takes two.

    Args:
        rng (np.random.Generator): Source of the randomness of this performance.
        action (Action): What is done.
        actor (Subject): Who does it.
        habit (Style): How the actor does it as a rule.
        partner (Subject): Who is there in an action of two persons.
        num_frames (tuple[int, int]): The shortest and the longest clip.

    Returns:
        np.ndarray: Positions (M, T, J, 3) of the body's joints in metres, around the origin.
    """
    length = rng.uniform(*num_frames) / actor.tempo
    length = int(np.clip(round(length), *num_frames))
    start, span = rng.uniform(-0.1, 0.2), rng.uniform(0.65, 1.0)
    phase = np.clip((np.linspace(0, 1, length) - start) / span, 0, 1)
    style = actor.style(rng, action, habit)
    motion = _motion(rng, actor, length, style)
    action.perform(motion, phase, style)
    heading = np.deg2rad(rng.uniform(-25, 25))
    if action.answer is None:
        return _place(actor.body.pose(motion), heading, rng.normal(0, 0.1, 2))[None]

    # A pair stands across the cameras' view, or one person would hide the other.
    heading += np.pi / 2 * rng.choice([-1, 1])
    distance = rng.uniform(*_PAIR_DISTANCE)
    answer = partner.style(
        rng, action, Style(1, partner.amplitude, style.cycles, rng.random(), style.aim)
    )
    second = _motion(rng, partner, length, answer)
    action.answer(second, phase, answer)
    away = distance / 2 * np.array([np.sin(heading), np.cos(heading)])
    people = [
        _place(actor.body.pose(motion), heading, -away),
        _place(partner.body.pose(second), heading + np.pi + rng.normal(0, 0.1), away),
    ]
    return np.stack(people if rng.random() < 0.5 else people[::-1])


def _motion(rng: np.random.Generator, subject: Subject, length: int, style: Style) -> Motion:
    motion = subject.idle(rng, length)
    if rng.random() < 0.4:
        fidget(rng, motion, style.other)
    return motion


def _place(joints: np.ndarray, heading: float, spot: np.ndarray) -> np.ndarray:
    """Turn a person (T, J, 3) to a heading and put it on a spot (left, forward) of the floor."""
    turn = Rotation.from_euler('Y', heading).as_matrix()
    return joints @ turn.T + np.array([spot[0], 0, spot[1]])
