"""What a camera leaves of positions in space."""

from typing import Literal

import numpy as np
from mmaction.registry import TRANSFORMS

from partkd.arguments import checked

from .base import CoordinateTransform, DeterministicTransform
from .coordinates import require_channels

Sign = Literal[1, -1]


@TRANSFORMS.register_module()
class ProjectPose(DeterministicTransform, CoordinateTransform):
    """Drops the depth of a clip: orthographic projection along z, the optical axis of a Kinect.

    Gives 2D joints without an estimator's errors, to tell what these cost from what the missing
    depth costs. Put it first; the transforms of 2D clips follow.

    Args:
        signs (tuple[int, int]): What x and y are multiplied by, 1 or -1. A Kinect's y points up and
            an image's down, and its x may point the other way too: ``(-1, -1)`` beside clips of
            images. Defaults to ``(1, 1)``.
    """

    @checked
    def __init__(self, signs: tuple[Sign, Sign] = (1, 1)) -> None:
        self.signs = tuple(signs)

    def apply(self, results: dict) -> dict:
        """Projects ``keypoint``.

        Args:
            results (dict): Needs ``keypoint`` (M, T, V, 3).

        Returns:
            dict: The item, ``keypoint`` (M, T, V, 2).

        Raises:
            ValueError: Where the clip is in 2D already.
        """
        require_channels(results, 3, 'ProjectPose', 'no projection')
        results['keypoint'] = results['keypoint'][..., :2] * np.array(self.signs, np.float32)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(signs={self.signs})'
