"""Features in two dimensions."""

import numpy as np


def principal_components(values: np.ndarray) -> tuple[np.ndarray, float]:
    """The two directions in which rows differ most, and where each row lies on them.

    Args:
        values (np.ndarray): N rows of C numbers, (N, C), N and C at least 2.

    Returns:
        tuple[np.ndarray, float]: Positions (N, 2), of which each axis points to where its furthest
        row is; and the share of the rows' variance that they have, 0 where all rows are the same.
    """
    centred = values - values.mean(0)
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    positions = left[:, :2] * singular[:2]
    furthest = positions[np.abs(positions).argmax(0), [0, 1]]
    variance = singular**2
    share = variance[:2].sum() / variance.sum() if variance.sum() > 0 else 0.0
    return positions * np.where(furthest < 0, -1, 1), float(share)
