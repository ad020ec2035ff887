"""What the network sees: joints, bones and their motion."""

from collections.abc import Sequence

import numpy as np
from mmaction.registry import TRANSFORMS

from .coordinates import CoordinateTransform, present_joints

STREAMS = ('joint', 'bone', 'joint_motion', 'bone_motion')


@TRANSFORMS.register_module()
class SkeletonStreams(CoordinateTransform):
    """Computes streams and concatenates them on the channels, in the order given.

    A bone is a joint minus its neighbour towards the centre (``layout.bones()``), 0 at the
    centre. Motion is the next frame minus this one, 0 in the last frame. Both are exactly 0
    where one of the two has no position: a missing joint makes no bone to the origin.

    Args:
        streams (Sequence[str]): Of ``'joint'``, ``'bone'``, ``'joint_motion'``,
            ``'bone_motion'``. Defaults to ``('joint',)``.
        with_score (bool): Adds ``keypoint_score`` as one last channel. Defaults to False.
    """

    def __init__(self, streams: Sequence[str] = ('joint',), with_score: bool = False) -> None:
        unknown = [stream for stream in streams if stream not in STREAMS]
        if unknown or not streams or isinstance(streams, str):
            raise ValueError(
                f'SkeletonStreams: streams={streams!r}, it is a list of {", ".join(STREAMS)}'
            )
        self.streams = tuple(streams)
        self.with_score = with_score

    def apply(self, results: dict) -> dict:
        """Replaces coordinates by streams.

        Args:
            results (dict): Needs ``keypoint`` (M, T, V, C), ``keypoint_score`` (M, T, V),
                ``layout``.

        Returns:
            dict: The item; ``keypoint`` is (M, T, V, C * len(streams) + with_score), and
            ``streams`` names what it holds.
        """
        there = present_joints(results)
        channels = [self._stream(name, results, there) for name in self.streams]
        if self.with_score:
            channels.append(results['keypoint_score'][..., None])
        results['keypoint'] = np.concatenate(channels, axis=-1)
        results['streams'] = self.streams + ('score',) * self.with_score
        return results

    @staticmethod
    def _stream(name: str, results: dict, there: np.ndarray) -> np.ndarray:
        values = results['keypoint']
        if name.startswith('bone'):
            inner = list(results['layout'].bones())
            there = there & there[:, :, inner]
            values = (values - values[:, :, inner]) * there[..., None]
        return _motion(values, there) if name.endswith('motion') else values

    def __repr__(self) -> str:
        return f'{type(self).__name__}(streams={self.streams}, with_score={self.with_score})'


def _motion(values: np.ndarray, there: np.ndarray) -> np.ndarray:
    motion = np.zeros_like(values)
    both = there[:, 1:] & there[:, :-1]
    motion[:, :-1] = (values[:, 1:] - values[:, :-1]) * both[..., None]
    return motion
