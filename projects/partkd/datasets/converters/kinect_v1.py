"""The joint order of Microsoft's SDK for the Kinect v1, which most of its data sets have."""

import numpy as np


def from_sdk_order(positions: np.ndarray) -> np.ndarray:
    """Joints in the order of layout ``kinect_v1``.

    Both have left arm, right arm, left leg and right leg, each from the body outwards. Before these
    the SDK has hip centre, spine, shoulder centre, head; the layout has them the other way round.

    Args:
        positions (np.ndarray): (..., 20, C).

    Returns:
        np.ndarray: The same shape.
    """
    return positions[..., [3, 2, 1, 0, *range(4, 20)], :]
