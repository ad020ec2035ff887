"""Normalisation of image coordinates."""

from typing import Literal

import numpy as np
from mmaction.registry import TRANSFORMS

from partkd.arguments import Whole, checked

from .base import CoordinateTransform, DeterministicTransform
from .coordinates import (
    landmark,
    present_joints,
    require_channels,
    seen_joints,
)

# An upright body, head to ankle, is about three times as high as its torso.
TORSOS_PER_BODY = 3.0


@TRANSFORMS.register_module()
class NormalizePose2D(DeterministicTransform, CoordinateTransform):
    """Makes image coordinates independent of where and how large a body appears.

    One shift and one scale serve the whole clip and all its persons, so that movement and the
    distance between persons stay. Joints that have no position stay exactly 0.

    Args:
        mode (str): ``'body'`` subtracts the mean hip centre over all frames where a hip was seen
            and divides by the median length of the torso (hip centre to shoulder centre); where
            a clip never shows these, the centre of the visible joints and a third of the median
            extent of the body take their place. ``'image'`` maps the image to [-1, 1], as
            mmaction2's ``PreNormalize2D``. Defaults to ``'body'``.
        img_shape (tuple[int, int], optional): Height and width in pixels for clips that have no
            ``img_shape``, in mode ``'image'``. Defaults to None.
    """

    @checked
    def __init__(
        self,
        mode: Literal['body', 'image'] = 'body',
        img_shape: tuple[Whole, Whole] | None = None,
    ) -> None:
        self.mode = mode
        self.img_shape = img_shape

    def apply(self, results: dict) -> dict:
        """Normalises ``keypoint``.

        Args:
            results (dict): Needs ``keypoint`` (M, T, V, 2), ``keypoint_score`` (M, T, V),
                ``layout``, and in mode ``'image'`` ``img_shape`` (height, width).

        Returns:
            dict: The item, ``keypoint`` normalised.

        Raises:
            ValueError: Where the clip is in 3D, or mode ``'image'`` finds no ``img_shape``.
        """
        require_channels(results, 2, 'NormalizePose2D', 'NormalizePose3D')
        present = present_joints(results)
        centre, scale = self._body(results) if self.mode == 'body' else self._image(results)
        normalized = (results['keypoint'] - centre) / scale
        results['keypoint'] = np.where(present[..., None], normalized, 0).astype(np.float32)
        return results

    def _image(self, results: dict) -> tuple[np.ndarray, np.ndarray]:
        shape = results.get('img_shape', self.img_shape)
        if shape is None:
            raise ValueError(
                f"NormalizePose2D(mode='image'): clip {results['frame_dir']} has no img_shape: "
                "set img_shape=(height, width) here, or take mode='body'"
            )
        half = np.array([shape[1], shape[0]], dtype=np.float64) / 2
        return half, half

    def _body(self, results: dict) -> tuple[np.ndarray, float]:
        keypoint, layout = results['keypoint'], results['layout']
        seen = seen_joints(results)
        if not seen.any():
            return np.zeros(2), 1.0
        hips, hips_seen = landmark(keypoint, seen, layout.hips)
        shoulders, shoulders_seen = landmark(keypoint, seen, layout.shoulders)
        centre = hips[hips_seen].mean(axis=0) if hips_seen.any() else keypoint[seen].mean(axis=0)
        torso = np.linalg.norm(shoulders - hips, axis=-1)[hips_seen & shoulders_seen]
        size = float(np.median(torso)) if torso.size else 0.0
        return centre, size if size > 0 else _extent(keypoint, seen) / TORSOS_PER_BODY

    def __repr__(self) -> str:
        return f'{type(self).__name__}(mode={self.mode!r}, img_shape={self.img_shape})'


def _extent(keypoint: np.ndarray, seen: np.ndarray) -> float:
    """Median over frames of the longer side of a body's bounding box; never 0."""
    mask = seen[..., None]
    low = np.where(mask, keypoint, np.inf).min(axis=2)
    high = np.where(mask, keypoint, -np.inf).max(axis=2)
    there = seen.any(axis=-1)
    extent = float(np.median((high[there] - low[there]).max(axis=-1)))
    return extent if extent > 0 else 1.0
