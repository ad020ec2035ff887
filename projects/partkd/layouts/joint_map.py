"""What two layouts say of each other's joints."""

import numpy as np

from .pose_layout import PoseLayout


def named_map(source: PoseLayout, target: PoseLayout) -> np.ndarray:
    """How the joints of one layout follow from those of another.

    A joint that both have is itself; any other one is the mean of the joints of its part, or of the
    trunk, in the other graph.

    Args:
        source (PoseLayout): Of V_s joints.
        target (PoseLayout): Of V_t joints.

    Returns:
        np.ndarray: (V_t, V_s) float32, each row sums to 1.
    """
    weights = np.zeros((target.num_joints, source.num_joints), np.float32)
    for joint, name in enumerate(target.joints):
        if name in source.joints:
            weights[joint, source.joints.index(name)] = 1
            continue
        part = target.part_of(joint)
        alike = source.trunk if part is None else source.parts[part]
        alike = alike or tuple(range(source.num_joints))
        weights[joint, list(alike)] = 1 / len(alike)
    return weights
