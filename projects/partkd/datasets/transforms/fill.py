"""Filling what an estimator has missed."""

import numpy as np
from mmaction.registry import TRANSFORMS

from .base import CoordinateTransform, DeterministicTransform
from .coordinates import seen_joints


def nearest_seen(seen: np.ndarray) -> np.ndarray:
    """For every frame the nearest one in time where something was seen; the earlier of two.

    Args:
        seen (np.ndarray): (M, T, ...) bool, time on axis 1.

    Returns:
        np.ndarray: Frame indices, the same shape; the frame itself where nothing ever was seen.
    """
    frames = seen.shape[1]
    index = np.arange(frames).reshape(1, -1, *[1] * (seen.ndim - 2))
    far = 2 * frames
    before = np.maximum.accumulate(np.where(seen, index, -far), axis=1)
    after = np.minimum.accumulate(np.where(seen, index, far)[:, ::-1], axis=1)[:, ::-1]
    nearest = np.where(index - before <= after - index, before, after)
    return np.where(seen.any(axis=1, keepdims=True), nearest, index)


@TRANSFORMS.register_module()
class FillMissingFrames(DeterministicTransform, CoordinateTransform):
    """Gives frames without a detection the whole nearest frame that has one; its score stays 0.

    A person who comes in late or leaves early stands still at the place of the nearest detection.
    Single joints that are missing stay so: :class:`FillMissingJoints` guesses these.
    """

    def apply(self, results: dict) -> dict:
        """Fills ``keypoint``.

        Args:
            results (dict): Needs ``keypoint`` (M, T, V, C), ``keypoint_score`` (M, T, V).

        Returns:
            dict: The item, ``keypoint`` filled.
        """
        seen = seen_joints(results).any(axis=-1, keepdims=True)
        if not seen.all():
            source = nearest_seen(seen)[..., None]
            results['keypoint'] = np.take_along_axis(results['keypoint'], source, axis=1)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'
