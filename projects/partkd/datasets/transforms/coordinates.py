"""What the transforms share: which joints are there, and where landmarks lie."""

import numpy as np


def seen_joints(results: dict) -> np.ndarray:
    """Joints that were detected, (M, T, V) bool. Filled ones were not."""
    return results['keypoint_score'] > 0


def present_joints(results: dict) -> np.ndarray:
    """Joints that have a position, detected or filled, (M, T, V) bool.

    The score alone doesn't tell (a filled joint has score 0), nor do the coordinates (the
    body's centre is at 0 after normalisation).
    """
    return seen_joints(results) | results['keypoint'].any(axis=-1)


def landmark(
    keypoint: np.ndarray, there: np.ndarray, joints: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Mean position of those of some joints that are there.

    Args:
        keypoint (np.ndarray): (M, T, V, C).
        there (np.ndarray): (M, T, V) bool.
        joints (tuple[int, ...]): The joints that make the landmark.

    Returns:
        tuple[np.ndarray, np.ndarray]: Positions (M, T, C), 0 where none of the joints is there,
        and where one is, (M, T) bool.
    """
    index = list(joints)
    weight = there[:, :, index].astype(np.float64)
    count = weight.sum(axis=-1)
    total = np.einsum('mtvc,mtv->mtc', keypoint[:, :, index].astype(np.float64), weight)
    return total / np.maximum(count, 1)[..., None], count > 0


def require_channels(results: dict, channels: int, transform: str, other: str) -> None:
    """Raises where the coordinates have another dimension than a transform can take."""
    found = results['keypoint'].shape[-1]
    if found != channels:
        raise ValueError(
            f'{transform} needs {channels} coordinates, keypoint has {found} '
            f'(clip {results["frame_dir"]}): use {other}'
        )
