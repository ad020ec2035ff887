"""Which frames are real, for the layers of a backbone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor


class FrameMask:
    """The frame mask of the batch that a backbone is at work on, at every temporal resolution.

    One object is shared by the layers of one backbone, see
    :func:`partkd.models.layers.share_frame_mask`.

    Attributes:
        proven (bool): Whether a probe has shown that the backbone heeds it, see
            :func:`partkd.models.layers.check_padding`.
    """

    def __init__(self) -> None:
        self._mask: Tensor | None = None
        self.proven = False

    @contextmanager
    def use(self, mask: Tensor | None) -> Iterator[None]:
        """Have ``mask`` (P, T) bool, or None where every frame is real, in force."""
        self._mask = mask
        try:
            yield
        finally:
            self._mask = None

    def at(self, num_frames: int) -> Tensor | None:
        """The mask (P, num_frames) after the strides up to here, or None."""
        return None if self._mask is None else downsample_mask(self._mask, num_frames)


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
