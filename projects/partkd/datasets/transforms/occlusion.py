"""The degradation of the paper's Sec. 4, and two that look more like occlusion."""

import hashlib
from collections.abc import Callable

import numpy as np
from mmaction.registry import TRANSFORMS

from .coordinates import CoordinateTransform


@TRANSFORMS.register_module()
class JointOcclusion(CoordinateTransform):
    """Zeroes coordinates and scores of joints at random (occlusion probability OP, Sec. 4).

    Its place is after normalisation and before :class:`SkeletonStreams`. In test it is a
    function of ``(seed, frame_dir)`` alone, whatever the order of clips, the worker or the state
    of any generator; what is occluded at one ``prob`` is so at every higher one.

    Args:
        prob (float): Probability of every draw.
        scope (str): What one draw decides: ``'frame'`` a joint of a person in one frame (the
            paper), ``'clip'`` a joint of a person for the whole clip, ``'part'`` one of the
            layout's five parts of a person for the whole clip (the trunk is never occluded).
            Defaults to ``'frame'``.
        seed (int): Seed in test. Defaults to 0.
    """

    def __init__(self, prob: float, scope: str = 'frame', seed: int = 0) -> None:
        if not 0 <= prob <= 1:
            raise ValueError(f'JointOcclusion: prob={prob}, it lies in [0, 1]')
        if scope not in ('frame', 'clip', 'part'):
            raise ValueError(f"JointOcclusion: scope={scope!r}, it is 'frame', 'clip' or 'part'")
        self.prob = prob
        self.scope = scope
        self.seed = seed

    def apply(self, results: dict) -> dict:
        """Occludes joints.

        Args:
            results (dict): Needs ``keypoint`` (M, T, V, C), ``keypoint_score`` (M, T, V),
                ``layout``, ``frame_dir`` and ``test_mode``.

        Returns:
            dict: The item, ``keypoint`` and ``keypoint_score`` zeroed where occluded.
        """
        if self.prob == 0:
            return results
        draw = self._draw_for(results['frame_dir']) if results['test_mode'] else np.random.random
        kept = ~self._occluded(results, draw)
        results['keypoint'] = results['keypoint'] * kept[..., None]
        results['keypoint_score'] = results['keypoint_score'] * kept
        return results

    def _draw_for(self, frame_dir: str) -> Callable[[tuple[int, ...]], np.ndarray]:
        # Not hash(): Python salts it anew in every process.
        digest = hashlib.sha256(f'{self.seed}/{frame_dir}'.encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8], 'little')).random

    def _occluded(self, results: dict, draw: Callable[[tuple[int, ...]], np.ndarray]) -> np.ndarray:
        """(M, 1 or T, V) bool."""
        persons, frames, joints = results['keypoint_score'].shape
        if self.scope == 'frame':
            return draw((persons, frames, joints)) < self.prob
        if self.scope == 'clip':
            return draw((persons, 1, joints)) < self.prob
        parts = results['layout'].parts
        gone = draw((persons, 1, len(parts))) < self.prob
        occluded = np.zeros((persons, 1, joints), dtype=bool)
        members = [joint for part in parts for joint in part]
        occluded[:, :, members] = np.repeat(gone, [len(part) for part in parts], axis=-1)
        return occluded

    def __repr__(self) -> str:
        return f'{type(self).__name__}(prob={self.prob}, scope={self.scope!r}, seed={self.seed})'
