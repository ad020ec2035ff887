"""People: bodies, tempos and habits, and how they do an action each time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .actions import (
    BELLY,
    CHEST,
    EAR,
    MOUTH,
    RAISED,
    Action,
    Style,
)
from .body import Body
from .motion import Motion, plateau, sway

# What an idle hand may do meanwhile, and what makes actions look like one another.
_FIDGETS = (EAR, MOUTH, RAISED, BELLY, CHEST, (0.05, -0.35, 0.05), (0.3, -0.6, 0.4))


@dataclass(frozen=True)
class Subject:
    """A person with habits.

    Args:
        body (Body): The bones.
        tempo (float): Speed, about 1.
        amplitude (float): Size of the movements, about 1.
        left_handed (float): Share of the actions that the left side leads.
        unrest (float): Strength of aimless movement, about 1.
        rest (np.ndarray): Where the idle hands are (2, 3).
        elbows (np.ndarray): Where the elbows point to (2, 3).
        stance (float): Half the distance of the feet beyond that of the hips, in leg lengths.
        lean (np.ndarray): Angles of the chest at rest (3,).
    """

    body: Body
    tempo: float
    amplitude: float
    left_handed: float
    unrest: float
    rest: np.ndarray
    elbows: np.ndarray
    stance: float
    lean: np.ndarray

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Subject:
        """Draw a person."""
        return cls(
            body=Body.draw(rng),
            tempo=rng.uniform(0.75, 1.3),
            amplitude=rng.uniform(0.7, 1.15),
            left_handed=rng.choice([0.1, 0.8], p=[0.75, 0.25]),
            unrest=rng.uniform(0.6, 1.6),
            rest=np.array([0.14, -0.93, 0.08]) + rng.normal(0, [0.04, 0.03, 0.08], (2, 3)),
            elbows=np.array([0.5, -0.8, -0.6]) + rng.normal(0, 0.15, 3),
            stance=rng.uniform(0.0, 0.12),
            lean=rng.normal(0, [0.06, 0.04, 0.03]),
        )

    def idle(self, rng: np.random.Generator, num_frames: int) -> Motion:
        """Stand about for some frames."""
        unrest = self.unrest * rng.uniform(0.5, 1.5)

        def aimless(scale: float | list[float]) -> np.ndarray:
            return unrest * np.asarray(scale) * sway(rng, num_frames, (3,))

        motion = Motion(
            root=aimless([0.02, 0.004, 0.02]),
            pelvis=aimless(0.02),
            chest=self.lean + aimless([0.03, 0.05, 0.02]),
            head=rng.normal(0, [0.12, 0.2, 0.05]) + aimless([0.06, 0.12, 0.04]),
            hands=self.rest[:, None] + np.stack([aimless(0.035), aimless(0.035)]),
            elbows=np.tile(self.elbows + rng.normal(0, 0.1, 3), (2, 1)),
            feet=np.zeros((2, num_frames, 3)),
        )
        motion.feet[:, :, 0] += self.stance + rng.uniform(0, 0.04)
        motion.feet[:, :, 2] += rng.normal(0, 0.03, (2, 1))
        return motion

    def style(self, rng: np.random.Generator, action: Action, habit: Style | None) -> Style:
        """Draw how an action is done.

        Args:
            rng (np.random.Generator): Source of the randomness.
            action (Action): The action.
            habit (Style | None): How this person does it as a rule, or None to draw that.
        """
        if habit is None:
            lead = 0 if rng.random() < self.left_handed else 1
            amplitude = self.amplitude * rng.uniform(0.85, 1.15)
            return Style(
                lead,
                amplitude,
                rng.uniform(*action.cycles),
                rng.random(),
                rng.normal(0, 0.07, 3),
            )
        return Style(
            lead=habit.lead if rng.random() < 0.85 else habit.other,
            amplitude=habit.amplitude * rng.uniform(0.85, 1.15),
            cycles=habit.cycles * rng.uniform(0.8, 1.25),
            form=float(np.clip(habit.form + rng.normal(0, 0.2), 0, 1)),
            aim=habit.aim + rng.normal(0, 0.04, 3),
        )


def fidget(rng: np.random.Generator, motion: Motion, side: int) -> None:
    """Let an idle hand wander, as people do."""
    phase = np.linspace(0, 1, motion.num_frames)
    start, length = rng.uniform(-0.4, 0.6), rng.uniform(0.5, 1.2)
    weight = plateau(phase, start, start + 0.3 * length, start + 0.7 * length, start + length)
    target = np.asarray(_FIDGETS[rng.integers(len(_FIDGETS))]) + rng.normal(0, 0.08, 3)
    motion.reach(side, target, rng.uniform(0.4, 1.0) * weight)
