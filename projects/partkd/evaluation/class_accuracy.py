"""How well each class does, over all seeds."""

import numpy as np


def class_accuracy(labels: np.ndarray, correct: np.ndarray, num_classes: int) -> np.ndarray:
    """The share of each class's clips that are right.

    Args:
        labels (np.ndarray): Classes of N test clips, (N,) int.
        correct (np.ndarray): Whether each was right under each of S seeds, (S, N) bool.
        num_classes (int): C.

    Returns:
        np.ndarray: In [0, 1], (C,); NaN for a class without a clip.
    """
    clips = np.bincount(labels, minlength=num_classes)
    right = np.bincount(labels, weights=correct.mean(0), minlength=num_classes)
    return np.divide(right, clips, out=np.full(num_classes, np.nan), where=clips > 0)
