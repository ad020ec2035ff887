"""Which of the bodies that a Kinect tracked are people, and who is who.

The rule that the SGN authors published (Zhang et al., CVPR 2020; microsoft/SGN) and CTR-GCN's use
as well: a Kinect takes chairs and tables for people, and people who were lost for new ones.
"""

import numpy as np

from .skeleton_files import Body

SHORTEST = 12  # frames of a body that is one
WIDEST = 0.8  # of a body's extent in y
NOISIEST = 0.69754  # share of frames in which a body is wider than that


def main_bodies(bodies: list[Body], frames: int, persons: int = 2) -> np.ndarray:
    """The bodies of most motion, with what is none left out.

    Where there are several: one seen in less than 12 frames is none, nor is one that is wider
    than .8 of its height in 69.754 % of its frames or more. The others are taken in the order of
    their motion, the sum of the variances of x, y and z over joints and frames that are not too
    wide. One joins the first person whom it does not overlap in time, a new one if need be.

    Two things differ from the published code. Frames without a body stay, as zeros, so that frames
    are those of the video. A body that was lost for a while lies where it was seen.

    Args:
        bodies (list[Body]): All that were tracked, with joints' x, y, z.
        frames (int): T.
        persons (int): How many are kept at most. Defaults to 2.

    Returns:
        np.ndarray: (M, T, V, 3), zeros where a person was not seen; M is 0 where nobody was.
    """
    motion = {id(body): _motion(body.values) for body in bodies}
    bodies = _wide_ones_removed(_short_ones_removed(bodies), motion)
    actors: list[list[Body]] = []
    for body in sorted(bodies, key=lambda body: motion[id(body)], reverse=True):
        free = (actor for actor in actors if not _overlaps(body, actor))
        actor = next(free, None)
        if actor is not None:
            actor.append(body)
        elif len(actors) < persons:
            actors.append([body])
    joints = bodies[0].values.shape[1] if bodies else 0
    keypoint = np.zeros((len(actors), frames, joints, 3))
    for person, actor in zip(keypoint, actors):
        for body in actor:
            person[body.frames] = body.values
    return keypoint


def _short_ones_removed(bodies: list[Body]) -> list[Body]:
    if len(bodies) < 2:
        return bodies
    longest = max(bodies, key=lambda body: len(body.frames))
    return [body for body in bodies if len(body.frames) >= SHORTEST or body is longest]


def _wide_ones_removed(bodies: list[Body], motion: dict[int, float]) -> list[Body]:
    """Also takes the motion of those that stay from frames in which they are not too wide."""
    kept = list(bodies)
    for body in bodies:
        if len(kept) == 1:
            break
        extent = np.ptp(body.values, axis=1)  # (n, 3)
        noise = extent[:, 0] > WIDEST * extent[:, 1]
        if noise.mean() >= NOISIEST:
            kept = [other for other in kept if other is not body]
        elif noise.any():
            motion[id(body)] = min(motion[id(body)], _motion(body.values[~noise]))
    return kept


def _motion(values: np.ndarray) -> float:
    return float(values.reshape(-1, 3).var(axis=0).sum())


def _overlaps(body: Body, actor: list[Body]) -> bool:
    first = min(other.frames[0] for other in actor)
    last = max(other.frames[-1] for other in actor)
    return min(last, body.frames[-1]) > max(first, body.frames[0])
