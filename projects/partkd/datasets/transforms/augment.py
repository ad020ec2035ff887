"""Random changes of a skeleton as a whole, in training only."""

import numpy as np
from mmaction.registry import TRANSFORMS

from .coordinates import CoordinateTransform


@TRANSFORMS.register_module()
class FlipSkeleton(CoordinateTransform):
    """Mirrors a clip: x changes its sign, left and right joints change places.

    Put it after normalisation, where x = 0 is the body's or the image's middle, and leave it out
    where classes tell left from right.

    Args:
        prob (float): Probability in training; in test nothing is flipped. Defaults to 0.5.
    """

    def __init__(self, prob: float = 0.5) -> None:
        if not 0 <= prob <= 1:
            raise ValueError(f'FlipSkeleton: prob={prob}, it lies in [0, 1]')
        self.prob = prob

    def apply(self, results: dict) -> dict:
        """Flips ``keypoint`` and ``keypoint_score``.

        Args:
            results (dict): Needs ``keypoint`` (M, T, V, C), ``keypoint_score`` (M, T, V),
                ``layout``.

        Returns:
            dict: The item, flipped or not.
        """
        if results['test_mode'] or np.random.rand() >= self.prob:
            return results
        swap = list(results['layout'].swap)
        keypoint = results['keypoint'][:, :, swap]
        keypoint[..., 0] *= -1
        results['keypoint'] = keypoint
        results['keypoint_score'] = results['keypoint_score'][:, :, swap]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(prob={self.prob})'


@TRANSFORMS.register_module()
class RotateSkeleton(CoordinateTransform):
    """Turns a clip about the origin by a random angle; put it after normalisation.

    Args:
        max_degrees (float): The angle is uniform in [-max_degrees, max_degrees], one for each
            axis. Defaults to 15.
        axes (Sequence[str]): Axes to turn about in 3D, one after the other: ``'y'`` is the
            vertical of a Kinect, ``'z'`` that of an aligned clip. In 2D the clip turns in its
            plane. Defaults to ``('y',)``.
    """

    def __init__(self, max_degrees: float = 15.0, axes: tuple[str, ...] = ('y',)) -> None:
        if not axes or not set(axes) <= set('xyz'):
            raise ValueError(f"RotateSkeleton: axes={axes!r}, they are of 'x', 'y' and 'z'")
        self.max_degrees = max_degrees
        self.axes = tuple(axes)

    def apply(self, results: dict) -> dict:
        """Turns ``keypoint``.

        Args:
            results (dict): Needs ``keypoint`` (M, T, V, 2 or 3).

        Returns:
            dict: The item, turned in training and as it was in test.
        """
        if results['test_mode']:
            return results
        if results['keypoint'].shape[-1] == 2:
            matrix = _plane_rotation(self._angle())
        else:
            matrix = np.eye(3)
            for axis in self.axes:
                matrix = _axis_rotation(axis, self._angle()) @ matrix
        results['keypoint'] = results['keypoint'] @ matrix.T.astype(np.float32)
        return results

    def _angle(self) -> float:
        return np.deg2rad(np.random.uniform(-self.max_degrees, self.max_degrees))

    def __repr__(self) -> str:
        return f'{type(self).__name__}(max_degrees={self.max_degrees}, axes={self.axes})'


@TRANSFORMS.register_module()
class ScaleSkeleton(CoordinateTransform):
    """Makes a clip larger or smaller by a random factor; put it after normalisation.

    Args:
        max_change (float): The factor is uniform in [1 - max_change, 1 + max_change]. Defaults
            to 0.1.
    """

    def __init__(self, max_change: float = 0.1) -> None:
        if not 0 <= max_change < 1:
            raise ValueError(f'ScaleSkeleton: max_change={max_change}, it lies in [0, 1)')
        self.max_change = max_change

    def apply(self, results: dict) -> dict:
        """Scales ``keypoint``.

        Args:
            results (dict): Needs ``keypoint`` (M, T, V, C).

        Returns:
            dict: The item, scaled in training and as it was in test.
        """
        if not results['test_mode']:
            factor = np.random.uniform(1 - self.max_change, 1 + self.max_change)
            results['keypoint'] = results['keypoint'] * np.float32(factor)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(max_change={self.max_change})'


def _plane_rotation(angle: float) -> np.ndarray:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]])


def _axis_rotation(axis: str, angle: float) -> np.ndarray:
    """Rotation (3, 3) about one axis, counterclockwise seen from its tip."""
    index = 'xyz'.index(axis)
    first, second = (index + 1) % 3, (index + 2) % 3
    matrix = np.eye(3)
    matrix[np.ix_([first, second], [first, second])] = _plane_rotation(angle)
    return matrix
