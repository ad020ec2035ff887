"""Twelve actions. Each has a twin that it is easily taken for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .motion import Motion, ease, plateau

# Where a wrist goes, as seen from its shoulder: (outward, up, forward) in arm lengths.
MOUTH = (-0.22, 0.17, 0.38)
EAR = (-0.10, 0.26, 0.20)
RAISED = (0.30, 0.50, 0.22)
BELLY = (-0.27, -0.42, 0.45)
CHEST = (-0.15, -0.12, 0.35)
FORWARD = (-0.12, -0.02, 0.97)
HANDSHAKE = (-0.18, -0.40, 0.72)
BEHIND_HEAD = (0.35, 0.48, -0.05)
FLOOR = (-0.10, -0.55, 0.80)


@dataclass(frozen=True)
class Style:
    """How an action is done this time.

    Args:
        lead (int): The side that leads, 0 for left, 1 for right.
        amplitude (float): Size of the movement, about 1.
        cycles (float): Repetitions, of an action that repeats.
        form (float): Which of its forms the action takes, from 0 to 1.
        aim (np.ndarray): By how much the hands miss their targets (3,), in arm lengths.
    """

    lead: int
    amplitude: float
    cycles: float
    form: float
    aim: np.ndarray

    @property
    def other(self) -> int:
        """The side that does not lead."""
        return 1 - self.lead

    @property
    def outward(self) -> float:
        """The sign that turns an angle towards the leading side."""
        return 1.0 if self.lead == 0 else -1.0


def drink(motion: Motion, phase: np.ndarray, style: Style) -> None:
    """One hand goes to the mouth; head and chest tilt back."""
    motion.reach(style.lead, MOUTH + style.aim, plateau(phase, 0.0, 0.35, 0.65, 1.0))
    tilt = style.amplitude * plateau(phase, 0.3, 0.45, 0.6, 0.75)
    motion.head[:, 0] -= (0.2 + 0.25 * style.form) * tilt
    motion.chest[:, 0] -= 0.22 * tilt
    motion.root[:, 2] += 0.06 * tilt


def phone_call(motion: Motion, phase: np.ndarray, style: Style) -> None:
    """One hand goes to the ear; the body leans towards it, on one leg."""
    call = plateau(phase, 0.0, 0.3, 0.75, 1.0)
    motion.reach(style.lead, EAR + style.aim, call)
    motion.reach(style.other, BELLY, 0.5 * style.form * call)
    lean = style.outward * style.amplitude * call
    motion.head[:, 2] -= (0.1 + 0.15 * style.form) * lean
    motion.head[:, 1] += 0.15 * lean
    motion.chest[:, 2] -= 0.15 * lean
    motion.root[:, 0] += 0.10 * lean


def wave(motion: Motion, phase: np.ndarray, style: Style) -> None:
    """One raised hand swings sideways, and the body goes along a little."""
    target = np.tile(RAISED + style.aim, (motion.num_frames, 1))
    target[:, 1] += 0.25 * (style.form - 0.6)
    swing = style.amplitude * np.sin(2 * np.pi * style.cycles * phase)
    target[:, 0] += 0.22 * swing
    up = plateau(phase, 0.0, 0.25, 0.75, 1.0)
    motion.reach(style.lead, target, up)
    motion.chest[:, 2] += style.outward * (0.1 - 0.12 * swing) * up
    motion.root[:, 0] += 0.05 * style.outward * swing * up
    motion.head[:, 0] -= 0.12 * up


def throw(motion: Motion, phase: np.ndarray, style: Style) -> None:
    """One hand draws back beside the head and is flung forward, with the trunk and a step."""
    motion.reach(style.lead, BEHIND_HEAD + style.aim, ease(phase, 0.0, 0.35))
    fling = plateau(phase, 0.4, 0.58, 0.6, 0.9)
    motion.reach(style.lead, np.add(FORWARD, [0, 0.1, 0]), fling)
    motion.reach(style.lead, (0.15, -0.9, 0.1), ease(phase, 0.62, 1.0))
    wind_up = plateau(phase, 0.0, 0.35, 0.4, 0.55)
    twist = (0.2 + 0.3 * style.form) * style.amplitude * (wind_up - 0.8 * fling)
    motion.chest[:, 1] += style.outward * twist
    motion.chest[:, 0] += style.amplitude * (0.4 * fling - 0.2 * wind_up)
    _step_forward(
        motion, style.other, (0.15 + 0.25 * style.form) * plateau(phase, 0.3, 0.5, 0.7, 1.0)
    )


def clap(motion: Motion, phase: np.ndarray, style: Style) -> None:
    """Both hands come together and part again, and the body bounces along."""
    beat = style.amplitude * np.cos(2 * np.pi * style.cycles * phase)
    near = _hands_together(motion, phase, style, 0.16 * (style.amplitude + beat), 0 * beat)
    motion.root[:, 1] += 0.03 * (beat - 1) * near
    motion.head[:, 0] += 0.1 * beat * near
    motion.chest[:, 0] -= 0.10 * style.amplitude * near


def rub_hands(motion: Motion, phase: np.ndarray, style: Style) -> None:
    """Both hands stay together and slide along each other; the head looks down at them."""
    slide = style.amplitude * np.sin(2 * np.pi * style.cycles * phase)
    near = _hands_together(motion, phase, style, 0.05 + 0 * slide, 0.10 * slide)
    motion.head[:, 0] += (0.15 + 0.2 * style.form) * near
    motion.chest[:, 0] += 0.18 * style.amplitude * near
    motion.chest[:, 1] += 0.12 * slide * near


def kick(motion: Motion, phase: np.ndarray, style: Style) -> None:
    """One foot swings back, then forward and up; the arms and the trunk balance it."""
    back = style.amplitude * plateau(phase, 0.0, 0.3, 0.3, 0.5)
    swing = style.amplitude * plateau(phase, 0.35, 0.55, 0.6, 1.0)
    foot = motion.feet[style.lead]
    foot[:, 2] += 0.55 * swing - 0.3 * style.form * back
    foot[:, 1] += (0.18 + 0.4 * style.form) * swing + 0.15 * back
    motion.pelvis[:, 0] += 0.1 * back - 0.18 * swing
    motion.root[:, 0] -= 0.06 * style.outward * (back + swing)
    motion.reach(style.other, (0.2, -0.7, 0.5), 0.5 * swing)
    motion.reach(style.lead, (0.35, -0.75, -0.3), 0.5 * swing)


def step(motion: Motion, phase: np.ndarray, style: Style) -> None:
    """One foot is set forward, the body follows it, and both come back."""
    forward = style.amplitude * plateau(phase, 0.1, 0.4, 0.6, 0.9)
    lift = plateau(phase, 0.1, 0.25, 0.25, 0.42) + plateau(phase, 0.58, 0.75, 0.75, 0.92)
    motion.feet[style.lead][:, 1] += (0.08 + 0.2 * style.form) * lift
    motion.feet[style.lead][:, 2] += 0.5 * forward
    motion.root[:, 2] += 0.22 * forward
    motion.root[:, 1] -= 0.05 * forward
    motion.root[:, 0] -= 0.04 * style.outward * lift
    motion.head[:, 0] += 0.2 * style.form * forward


def bow(motion: Motion, phase: np.ndarray, style: Style) -> None:
    """The trunk bends and the legs stay straight."""
    bend = plateau(phase, 0.0, 0.4, 0.55, 1.0)
    _bend_trunk(motion, bend * style.amplitude * (0.75 + 0.45 * style.form))
    for side in (0, 1):
        motion.reach(side, (0.05, -0.75, 0.55), 0.7 * style.form * bend)


def pick_up(motion: Motion, phase: np.ndarray, style: Style) -> None:
    """The trunk and the knees bend, and one hand goes to the floor."""
    bend = plateau(phase, 0.0, 0.4, 0.5, 1.0)
    _bend_trunk(motion, bend * style.amplitude * (1.1 - 0.3 * style.form))
    motion.root[:, 1] -= (0.12 + 0.3 * style.form) * bend
    motion.root[:, 2] -= 0.15 * style.form * bend
    motion.reach(style.lead, FLOOR + style.aim, bend)
    motion.reach(style.other, (0.05, -0.75, 0.5), 0.6 * bend)


def push(motion: Motion, phase: np.ndarray, style: Style) -> None:
    """One hand or both are drawn to the chest and shoved at the other person."""
    shove = plateau(phase, 0.3, 0.48, 0.55, 0.9)
    for side in (style.lead, style.other):
        share = 1.0 if side == style.lead else float(style.form > 0.6)
        motion.reach(side, CHEST + style.aim, share * plateau(phase, 0.0, 0.25, 0.6, 1.0))
        motion.reach(side, FORWARD + style.aim, 0.9 * share * shove)
    motion.chest[:, 0] += 0.2 * style.amplitude * shove
    _step_forward(motion, style.other, 0.2 * style.form * ease(phase, 0.2, 0.45))


def be_pushed(motion: Motion, phase: np.ndarray, style: Style) -> None:
    """The body is thrown back, catches itself with a step and raises its hands a little."""
    jolt = plateau(phase, 0.42, 0.55, 0.6, 0.95)
    motion.chest[:, 0] -= 0.2 * style.amplitude * jolt
    for side in (0, 1):
        motion.reach(side, (0.15, -0.5, 0.55), 0.6 * style.form * jolt)
    _step_forward(motion, style.lead, -0.35 * style.amplitude * ease(phase, 0.45, 0.65))


def shake_hands(motion: Motion, phase: np.ndarray, style: Style) -> None:
    """One hand is held out to the other person and shaken."""
    target = np.tile(HANDSHAKE + style.aim, (motion.num_frames, 1))
    target[:, 1] += 0.08 * style.amplitude * np.sin(2 * np.pi * style.cycles * phase)
    motion.reach(style.lead, target, plateau(phase, 0.05, 0.35, 0.7, 1.0))
    motion.chest[:, 0] += 0.2 * style.form * plateau(phase, 0.1, 0.4, 0.6, 0.95)
    _step_forward(motion, style.lead, 0.15 * style.form * ease(phase, 0.0, 0.3))


def _hands_together(
    motion: Motion, phase: np.ndarray, style: Style, gap: np.ndarray, slide: np.ndarray
) -> np.ndarray:
    """Hold both hands before the belly, and say how far they are there (T,)."""
    near = plateau(phase, 0.0, 0.25, 0.8, 1.0)
    for side, sign in ((style.lead, 1), (style.other, -1)):
        target = np.tile(BELLY + style.aim * np.array([0, 1, 1]), (motion.num_frames, 1))
        target[:, 0] += gap
        target[:, 1] += 0.3 * style.form + 0.4 * sign * slide
        target[:, 2] += sign * slide
        motion.reach(side, target, near)
    return near


def _bend_trunk(motion: Motion, angle: np.ndarray) -> None:
    motion.pelvis[:, 0] += 0.55 * angle
    motion.chest[:, 0] += 0.45 * angle
    # The hips go back to keep the balance.
    motion.root[:, 2] -= 0.12 * angle


def _step_forward(motion: Motion, side: int, length: np.ndarray) -> None:
    """One foot goes where ``length`` (T,) says, with the body half on it."""
    motion.feet[side][:, 2] += length
    motion.root[:, 2] += 0.6 * length


@dataclass(frozen=True)
class Action:
    """One of the actions.

    Args:
        name (str): Its name.
        perform (Callable): Adds it to a motion, given the phase (T,) from 0 to 1 and a style.
        answer (Callable | None): What a second person does meanwhile. Defaults to None, where
            nobody else is there.
        cycles (tuple[float, float]): Range of the number of repetitions. Defaults to one.
    """

    name: str
    perform: Callable[[Motion, np.ndarray, Style], None]
    answer: Callable[[Motion, np.ndarray, Style], None] | None = None
    cycles: tuple[float, float] = (1.0, 1.0)


# Twins stand side by side.
ACTIONS = (
    Action('drink', drink),
    Action('phone_call', phone_call),
    Action('wave', wave, cycles=(1.5, 4)),
    Action('throw', throw),
    Action('clap', clap, cycles=(2.5, 6)),
    Action('rub_hands', rub_hands, cycles=(2.5, 6)),
    Action('kick', kick),
    Action('step', step),
    Action('bow', bow),
    Action('pick_up', pick_up),
    Action('push', push, be_pushed),
    Action('shake_hands', shake_hands, shake_hands, cycles=(1.5, 4)),
)
