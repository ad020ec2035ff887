"""Which frames of a clip the network sees. Without any of these it sees all of them."""

import numpy as np
from mmaction.registry import TRANSFORMS
from mmcv.transforms import BaseTransform


def _take_frames(results: dict, frames: np.ndarray | slice) -> dict:
    results['keypoint'] = results['keypoint'][:, frames]
    results['keypoint_score'] = results['keypoint_score'][:, frames]
    results['total_frames'] = results['keypoint'].shape[1]
    return results


@TRANSFORMS.register_module()
class UniformSampleSkeleton(BaseTransform):
    """Samples a number of frames evenly over a clip, as mmaction2's ``UniformSampleFrames``.

    The clip is cut into `clip_len` segments of equal length: training takes a random frame of
    each, test the middle one. Order is kept, and a clip that is too short repeats frames.
    Unlike the original, test neither draws nor touches numpy's global generator.

    Args:
        clip_len (int): Number of frames to take.
    """

    def __init__(self, clip_len: int) -> None:
        if clip_len < 1:
            raise ValueError(f'UniformSampleSkeleton: clip_len={clip_len}, it is at least 1')
        self.clip_len = clip_len

    def transform(self, results: dict) -> dict:
        """Samples frames.

        Args:
            results (dict): Needs ``keypoint`` (M, T, V, C), ``keypoint_score`` (M, T, V),
                ``test_mode``.

        Returns:
            dict: The item with `clip_len` frames.
        """
        frames = results['keypoint'].shape[1]
        within = 0.5 if results['test_mode'] else np.random.random(self.clip_len)
        index = ((np.arange(self.clip_len) + within) * frames / self.clip_len).astype(np.int64)
        # Rounding can carry the last position onto the clip's end.
        return _take_frames(results, np.minimum(index, frames - 1))

    def __repr__(self) -> str:
        return f'{type(self).__name__}(clip_len={self.clip_len})'


@TRANSFORMS.register_module()
class TruncateFrames(BaseTransform):
    """Keeps the first frames of a clip and leaves shorter clips alone (paper, Sec. 4).

    With the data preprocessor's ``padding='fixed'`` this is the paper's input of 300 frames.

    Args:
        max_frames (int): Number of frames to keep. Defaults to 300.
    """

    def __init__(self, max_frames: int = 300) -> None:
        if max_frames < 1:
            raise ValueError(f'TruncateFrames: max_frames={max_frames}, it is at least 1')
        self.max_frames = max_frames

    def transform(self, results: dict) -> dict:
        """Truncates a clip.

        Args:
            results (dict): Needs ``keypoint`` (M, T, V, C), ``keypoint_score`` (M, T, V).

        Returns:
            dict: The item with `max_frames` frames or less.
        """
        return _take_frames(results, slice(self.max_frames))

    def __repr__(self) -> str:
        return f'{type(self).__name__}(max_frames={self.max_frames})'
