"""What a camera leaves of positions in space."""

from mmaction.registry import TRANSFORMS

from .base import CoordinateTransform, DeterministicTransform
from .coordinates import require_channels


@TRANSFORMS.register_module()
class ProjectPose(DeterministicTransform, CoordinateTransform):
    """Drops the depth of a clip: orthographic projection along z, the optical axis of a Kinect.

    Gives 2D joints without an estimator's errors, to tell what these cost from what the missing
    depth costs. Put it first; the transforms of 2D clips follow.
    """

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
        results['keypoint'] = results['keypoint'][..., :2]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'
