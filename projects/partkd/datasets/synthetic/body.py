"""An articulated body: bone lengths, and what turns a motion into joint positions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from .motion import Motion

SIDES = ('left', 'right')
BODY_JOINTS = (
    *('spine_base', 'spine_mid', 'spine_shoulder', 'neck', 'head', 'nose'),
    *(f'{side}_{name}' for side in SIDES for name in ('eye', 'ear')),
    *(
        f'{s}_{n}'
        for s in SIDES
        for n in ('shoulder', 'elbow', 'wrist', 'hand', 'hand_tip', 'thumb')
    ),
    *(f'{side}_{name}' for side in SIDES for name in ('hip', 'knee', 'ankle', 'foot')),
)
_INDEX = {name: i for i, name in enumerate(BODY_JOINTS)}

# Bone lengths of an adult as shares of the stature.
_PROPORTIONS = dict(
    lower_spine=0.17,
    upper_spine=0.145,
    neck=0.035,
    head=0.10,
    shoulder=0.105,
    upper_arm=0.165,
    forearm=0.145,
    hand=0.05,
    hand_tip=0.045,
    thumb=0.035,
    hip=0.05,
    thigh=0.235,
    shank=0.235,
    foot=0.075,
    ankle_height=0.04,
)
# The face moves with the head: (left, up, forward) of the head joint, as shares of the stature.
_FACE = {
    'nose': (0, -0.015, 0.06),
    'left_eye': (0.02, 0.005, 0.052),
    'right_eye': (-0.02, 0.005, 0.052),
    'left_ear': (0.043, -0.005, 0),
    'right_ear': (-0.043, -0.005, 0),
}


@dataclass(frozen=True)
class Body:
    """The bone lengths of one person.

    Args:
        stature (float): Height in metres.
        lengths (dict[str, float]): Bone lengths in metres.
    """

    stature: float
    lengths: dict[str, float]

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Body:
        """Draw a person with a stature and proportions of their own."""
        stature = rng.normal(1.70, 0.09)
        lengths = {
            name: stature * share * rng.uniform(0.92, 1.08) for name, share in _PROPORTIONS.items()
        }
        return cls(stature, lengths)

    @property
    def arm(self) -> float:
        """Shoulder to wrist, in metres."""
        return self.lengths['upper_arm'] + self.lengths['forearm']

    @property
    def leg(self) -> float:
        """Hip to ankle, in metres."""
        return self.lengths['thigh'] + self.lengths['shank']

    def pose(self, motion: Motion) -> np.ndarray:
        """Forward kinematics of a motion.

        The trunk is a chain of rotations; the limbs hang from it and reach for their targets, as
        far as their bones go. All bones keep their lengths.

        Args:
            motion (Motion): What the body does over T frames.

        Returns:
            np.ndarray: Positions (T, len(BODY_JOINTS), 3) in metres; the axes are the person's
            left, up and forward at heading 0, and the floor is at 0.
        """
        joints = np.zeros((motion.num_frames, len(BODY_JOINTS), 3))
        pelvis = _rotation(motion.pelvis)
        chest = pelvis * _rotation(motion.chest)
        self._pose_trunk(joints, motion, pelvis, chest)
        for side, name in enumerate(SIDES):
            self._pose_arm(joints, motion, chest, side, name)
            self._pose_leg(joints, motion, pelvis, side, name)
        return joints

    def _pose_trunk(
        self, joints: np.ndarray, motion: Motion, pelvis: Rotation, chest: Rotation
    ) -> None:
        size = self.lengths
        base = motion.root * self.leg
        # Knees that are never quite locked leave the leg some play.
        base[:, 1] += size['ankle_height'] + 0.985 * self.leg
        mid = base + pelvis.apply([0, size['lower_spine'], 0])
        top = mid + chest.apply([0, size['upper_spine'], 0])
        neck = top + chest.apply([0, size['neck'], 0])
        turn = chest * _rotation(motion.head)
        head = neck + turn.apply([0, size['head'], 0.15 * size['head']])
        trunk = dict(spine_base=base, spine_mid=mid, spine_shoulder=top, neck=neck, head=head)
        for name, offset in _FACE.items():
            trunk[name] = head + turn.apply(self.stature * np.array(offset))
        for side, (name, sign) in enumerate(zip(SIDES, (1, -1), strict=True)):
            outward = _shoulder_direction(motion.hands[side]) * [sign, 1, 1]
            trunk[f'{name}_shoulder'] = top + chest.apply(size['shoulder'] * outward)
            trunk[f'{name}_hip'] = base + pelvis.apply([sign * size['hip'], 0, 0])
        for name, position in trunk.items():
            joints[:, _INDEX[name]] = position

    def _pose_arm(
        self, joints: np.ndarray, motion: Motion, chest: Rotation, side: int, name: str
    ) -> None:
        size = self.lengths
        mirror = np.array([1 if side == 0 else -1, 1, 1])
        shoulder = joints[:, _INDEX[f'{name}_shoulder']]
        target = shoulder + chest.apply(motion.hands[side] * mirror * self.arm)
        pole = chest.apply(np.tile(motion.elbows[side] * mirror, (motion.num_frames, 1)))
        elbow, wrist, across = _bend(shoulder, target, pole, size['upper_arm'], size['forearm'])
        along = (wrist - elbow) / size['forearm']
        hand = wrist + size['hand'] * along
        arm = dict(elbow=elbow, wrist=wrist, hand=hand)
        arm['hand_tip'] = hand + size['hand_tip'] * along
        arm['thumb'] = hand + size['thumb'] * across
        for joint, position in arm.items():
            joints[:, _INDEX[f'{name}_{joint}']] = position

    def _pose_leg(
        self, joints: np.ndarray, motion: Motion, pelvis: Rotation, side: int, name: str
    ) -> None:
        size = self.lengths
        mirror = np.array([1 if side == 0 else -1, 1, 1])
        hip = joints[:, _INDEX[f'{name}_hip']]
        target = motion.feet[side] * mirror * self.leg
        target += np.array([size['hip'], size['ankle_height'], 0]) * mirror
        pole = pelvis.apply([0.15 * mirror[0], 0, 1])
        knee, ankle, ahead = _bend(hip, target, pole, size['thigh'], size['shank'])
        for joint, position in dict(
            knee=knee, ankle=ankle, foot=ankle + size['foot'] * ahead
        ).items():
            joints[:, _INDEX[f'{name}_{joint}']] = position


def joint_indices(names: tuple[str, ...]) -> list[int]:
    """Where the joints of a layout are among those of the body.

    Args:
        names (tuple[str, ...]): Joint names of a layout.

    Returns:
        list[int]: Their indices in ``BODY_JOINTS``.
    """
    return [_INDEX[name] for name in names]


def _rotation(angles: np.ndarray) -> Rotation:
    """Rotations from (T, 3) angles: bend forward, turn left, lean right (radians)."""
    return Rotation.from_euler('YXZ', angles[:, [1, 0, 2]])


def _shoulder_direction(hand: np.ndarray) -> np.ndarray:
    """Where a shoulder is from the spine (T, 3): it rises and comes forward with its hand."""
    rise = 0.5 * np.maximum(hand[:, 1] + 0.5, 0) - 0.15
    forward = 0.4 * np.maximum(hand[:, 2] - 0.1, 0)
    direction = np.stack([np.ones_like(rise), rise, forward], axis=-1)
    return direction / np.linalg.norm(direction, axis=-1, keepdims=True)


def _bend(
    start: np.ndarray, target: np.ndarray, pole: np.ndarray, upper: float, lower: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bend a limb of two bones so that its end comes as near to a target as its bones allow.

    Args:
        start (np.ndarray): Where the limb is rooted (T, 3).
        target (np.ndarray): Where its end should be (T, 3).
        pole (np.ndarray): The direction its middle joint points to (T, 3).
        upper (float): Length of the bone at the root.
        lower (float): Length of the other bone.

    Returns:
        tuple[np.ndarray, np.ndarray, np.ndarray]: The middle joint, the end, and the unit vector
        in the plane of the limb that is square to the lower bone, on the pole's side; (T, 3) each.
    """
    reach = target - start
    distance = np.linalg.norm(reach, axis=-1, keepdims=True)
    axis = reach / np.maximum(distance, 1e-6)
    distance = np.clip(distance, 1.05 * abs(upper - lower) + 0.2 * lower, 0.999 * (upper + lower))
    side = pole - (pole * axis).sum(-1, keepdims=True) * axis
    side /= np.maximum(np.linalg.norm(side, axis=-1, keepdims=True), 1e-6)
    along = (upper**2 - lower**2 + distance**2) / (2 * distance)
    height = np.sqrt(np.maximum(upper**2 - along**2, 0))
    middle = start + along * axis + height * side
    end = start + distance * axis
    square = ((distance - along) * side + height * axis) / lower
    return middle, end, square
