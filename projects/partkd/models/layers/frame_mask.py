"""Which frames are real, for the layers of a backbone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from .real_frames import RealFrames


@dataclass(frozen=True)
class _Resolution:
    """The mask (P, T) after some strides, and what has been computed of it."""

    mask: Tensor
    real_frames: dict[tuple, RealFrames] = field(default_factory=dict)


class FrameMask:
    """The frame mask of the batch that a backbone is at work on, at every temporal resolution.

    One object is shared by the layers of one backbone, see
    :func:`partkd.models.layers.share_frame_mask`. What several layers need of the mask is computed
    once and held as long as the mask is in force.

    Attributes:
        proven (bool): Whether a probe has shown that the backbone heeds it, see
            :func:`partkd.models.layers.check_padding`.
    """

    def __init__(self) -> None:
        self._mask: Tensor | None = None
        self._resolutions: list[_Resolution] = []
        self.proven = False

    @contextmanager
    def use(self, mask: Tensor | None) -> Iterator[None]:
        """Have ``mask`` (P, T) bool, or None where every frame is real, in force."""
        self._mask = mask
        try:
            yield
        finally:
            self._mask = None
            self._resolutions.clear()

    def at(self, num_frames: int) -> Tensor | None:
        """The mask (P, num_frames) after the strides up to here, or None."""
        return None if self._mask is None else self._resolution(self._mask, num_frames).mask

    def real_frames(self, x: Tensor, dtype: torch.dtype) -> RealFrames | None:
        """What a batch norm of ``x`` (P, C, T, ...) needs of the mask, or None without one.

        Args:
            x (Tensor): The features, of which shape and dtype count.
            dtype (torch.dtype): Of the statistics.
        """
        if self._mask is None:
            return None
        resolution = self._resolution(self._mask, x.shape[2])
        key = (x.shape[3:], x.dtype, dtype)
        if key not in resolution.real_frames:
            resolution.real_frames[key] = RealFrames.of(resolution.mask, x, dtype)
        return resolution.real_frames[key]

    def _resolution(self, mask: Tensor, num_frames: int) -> _Resolution:
        # No dict by the number of frames: a compiled model would want a graph for each.
        for resolution in self._resolutions:
            if resolution.mask.shape[1] == num_frames:
                return resolution
        self._resolutions.append(_Resolution(downsample_mask(mask, num_frames)))
        return self._resolutions[-1]


class MaskAware:
    """A mixin for layers that read the frame mask; it stands before the module's own class.

    Attributes:
        frame_mask (FrameMask): The backbone's. Until it is shared, every frame is real.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.frame_mask = FrameMask()


def downsample_mask(mask: Tensor, num_frames: int) -> Tensor:
    """A frame mask (P, T) as convolutions of stride 2 leave it, (P, num_frames).

    Each keeps ceil(t / 2) frames of t, those at 0, 2, 4, ...

    Raises:
        ValueError: If no number of such strides leads to ``num_frames``.
    """
    frames = mask.shape[1]
    while mask.shape[1] > num_frames:
        mask = mask[:, ::2]
    if mask.shape[1] != num_frames:
        raise ValueError(
            f'the backbone makes {num_frames} frames of {frames}, which strides of 2 do not: '
            'sample clips of one length in the pipeline, so that nothing is padded'
        )
    return mask
