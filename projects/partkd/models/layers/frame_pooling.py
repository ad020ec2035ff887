"""Pooling over time that takes real frames alone."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .frame_mask import MaskAware, downsample_mask


def mean_over_frames(x: Tensor, mask: Tensor | None) -> Tensor:
    """The mean over real frames, summed in float32.

    Args:
        x (Tensor): (P, C, T, V).
        mask (Tensor, optional): True where a frame is real, (P, T) bool. None where all are.

    Returns:
        Tensor: (P, C, V) of the dtype of ``x``.
    """
    if mask is None:
        return x.mean(2)
    real = mask[:, None, :, None].to(x.dtype)
    total = (x * real).sum(2, dtype=torch.promote_types(x.dtype, torch.float32))
    return (total / mask.sum(1)[:, None, None]).to(x.dtype)


class FrameMaxPool(MaskAware, nn.Module):
    """Max pooling over time, (P, C, T, V) to (P, C, T', V).

    Padded frames are to a window what lies beyond the clip's end: no maximum. They come out zero,
    as a temporal convolution that follows wants them. After a ReLU a plain max pool does as well.

    Args:
        kernel_size (int): Frames in a window; odd.
        stride (int): 1 or 2. Defaults to 1.
    """

    def __init__(self, kernel_size: int, stride: int = 1) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        mask = self.frame_mask.at(x.shape[2])
        if mask is None:
            return self._pool(x)
        out = self._pool(x.masked_fill(~mask[:, None, :, None], float('-inf')))
        return out.masked_fill(~downsample_mask(mask, out.shape[2])[:, None, :, None], 0.0)

    def _pool(self, x: Tensor) -> Tensor:
        return F.max_pool2d(
            x, (self.kernel_size, 1), (self.stride, 1), padding=(self.kernel_size // 2, 0)
        )
