"""Whom of several persons the network sees."""

from collections.abc import Callable
from typing import Literal

import numpy as np
from mmaction.registry import TRANSFORMS

from partkd.arguments import Whole, checked

from .base import CoordinateTransform, DeterministicTransform
from .coordinates import seen_joints


def mean_scores(results: dict) -> np.ndarray:
    """Mean score of each person over all joints and frames, (M,); one not seen has score 0."""
    scores: np.ndarray = results['keypoint_score'].mean(axis=(1, 2))
    return scores


def movement(results: dict) -> np.ndarray:
    """How far each person moves, (M,) in the unit of the coordinates.

    The standard deviation over the frames in which a joint was seen, summed over coordinates and
    joints: the energy of a body by which 2s-AGCN (Shi et al., CVPR 2019) chooses two.
    """
    seen = seen_joints(results)[..., None]
    count = np.maximum(seen.sum(axis=1, keepdims=True), 1)
    keypoint = np.where(seen, results['keypoint'], 0).astype(np.float64)
    deviation = np.where(seen, keypoint - keypoint.sum(axis=1, keepdims=True) / count, 0)
    energy: np.ndarray = np.sqrt((deviation**2).sum(axis=1) / count[:, 0]).sum(axis=(1, 2))
    return energy


def sizes(results: dict) -> np.ndarray:
    """Mean diagonal of the box around a person's seen joints, (M,) in the unit of the coordinates.

    A frame without the person counts as a box of size 0.
    """
    seen = seen_joints(results)[..., None]
    low = np.where(seen, results['keypoint'], np.inf).min(axis=2)
    high = np.where(seen, results['keypoint'], -np.inf).max(axis=2)
    sides = np.where(seen.any(axis=2), high - low, 0)
    diagonals: np.ndarray = np.linalg.norm(sides, axis=-1).mean(axis=1)
    return diagonals


MEASURES: dict[str, Callable[[dict], np.ndarray]] = dict(
    score=mean_scores, movement=movement, size=sizes
)


@TRANSFORMS.register_module()
class KeepPersons(DeterministicTransform, CoordinateTransform):
    """Keeps a number of persons, so that bystanders have no say in the class.

    All persons of a clip weigh alike in the network. Where a camera sees more than those who act,
    put this first in every pipeline, of training and of test; an exported model then carries it in
    its pipeline too.

    Args:
        max_persons (int): How many persons to keep, at most.
        by (str): What the kept ones have most of: ``'score'`` (:func:`mean_scores`), ``'movement'``
            (:func:`movement`) or ``'size'`` (:func:`sizes`). Of two alike the first is kept.
            Defaults to ``'score'``.
    """

    @checked
    def __init__(
        self, max_persons: Whole, by: Literal['score', 'movement', 'size'] = 'score'
    ) -> None:
        self.max_persons, self.by = max_persons, by

    def apply(self, results: dict) -> dict:
        """Leaves persons out.

        Args:
            results (dict): Needs ``keypoint`` (M, T, V, C), ``keypoint_score`` (M, T, V).

        Returns:
            dict: The item, with the persons that are kept, in their order.
        """
        if len(results['keypoint']) > self.max_persons:
            most_first = np.argsort(-MEASURES[self.by](results), kind='stable')
            kept = np.sort(most_first[: self.max_persons])
            for key in ('keypoint', 'keypoint_score'):
                results[key] = results[key][kept]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(max_persons={self.max_persons}, by={self.by!r})'
