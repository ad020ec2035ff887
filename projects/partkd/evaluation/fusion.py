"""Late fusion: the weighted mean of several models' scores, and weights for it."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from mmaction.evaluation import mean_class_accuracy, top_k_accuracy

STEPS = 10  # a weight is a multiple of a tenth
MOST = 6  # models, of which there are 3003 such weightings


def fuse_scores(streams: Sequence[np.ndarray], weights: Sequence[float]) -> np.ndarray:
    """The weighted mean of scores.

    Args:
        streams (Sequence[np.ndarray]): S models' scores of the same clips, each (N, C).
        weights (Sequence[float]): S numbers that are at least 0; what counts is their ratio.

    Returns:
        np.ndarray: (N, C).
    """
    shares = np.array(weights) / np.sum(weights)
    return np.tensordot(shares, np.stack(streams), 1)


def find_weights(streams: Sequence[np.ndarray], labels: np.ndarray) -> tuple[float, ...]:
    """The weights with the best top-1 accuracy, of all multiples of a tenth that sum to 1.

    Of several that are as good it is those nearest to equal ones.

    Args:
        streams (Sequence[np.ndarray]): S models' scores of clips that nothing is reported of, each
            (N, C).
        labels (np.ndarray): Their classes, (N,) int.

    Returns:
        tuple[float, ...]: S weights.

    Raises:
        ValueError: If there are more than :data:`MOST` models.
    """
    if len(streams) > MOST:
        raise ValueError(
            f'weights are searched for up to {MOST} streams, not {len(streams)}: give the weights'
        )
    stacked = np.stack(streams)

    def merit(tenths: tuple[int, ...]) -> tuple[int, int]:
        predicted = np.tensordot(np.array(tenths, float), stacked, 1).argmax(1)
        return int((predicted == labels).sum()), -sum(tenth**2 for tenth in tenths)

    best = max(_all_tenths(len(streams)), key=merit)
    return tuple(tenth / STEPS for tenth in best)


def figures(values: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """What :class:`AccMetric` tells of a test.

    Args:
        values (np.ndarray): Scores, (N, C).
        labels (np.ndarray): Classes, (N,) int.

    Returns:
        dict[str, float]: ``top1``, ``top5`` and ``mean1``, the mean over classes, in [0, 1].
    """
    top1, top5 = top_k_accuracy(values, labels, (1, 5))
    mean1 = mean_class_accuracy(values, labels)
    return dict(top1=float(top1), top5=float(top5), mean1=float(mean1))


def _all_tenths(count: int) -> Iterator[tuple[int, ...]]:
    """All ways to share out :data:`STEPS` tenths: bars between stars."""
    places = STEPS + count - 1
    for bars in itertools.combinations(range(places), count - 1):
        ends = (-1, *bars, places)
        yield tuple(after - before - 1 for before, after in itertools.pairwise(ends))
