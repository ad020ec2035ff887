"""What masked batch norms have to know of the frames of a batch."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class RealFrames:
    """Which of the L entries of a channel are of real frames, for features (P, C, L).

    Args:
        real (Tensor): 1 where a frame is real, else 0, (P, 1, L) of the dtype of the features.
        padded (Tensor): 1 - ``real``.
        count (Tensor): How many entries are real, a scalar of the dtype of the statistics.
        excess (Tensor): The root of how many times as many entries there are, a scalar.
        degrees (Tensor): ``count - 1``, or 1 where that is 0: the divisor of the unbiased variance.
    """

    real: Tensor
    padded: Tensor
    count: Tensor
    excess: Tensor
    degrees: Tensor

    @classmethod
    @torch.no_grad()
    def of(cls, mask: Tensor, x: Tensor, dtype: torch.dtype) -> 'RealFrames':
        """Those of features (P, C, T, ...), of which ``mask`` (P, T) bool tells the real frames.

        Args:
            mask (Tensor): True where a frame is real, (P, T) bool.
            x (Tensor): The features, of which shape and dtype count.
            dtype (torch.dtype): Of the statistics.
        """
        # Spread out over the joints, for kernels are fast where the last axis is not broadcast.
        real = mask.view(len(mask), 1, -1, *[1] * (x.dim() - 3)).expand_as(x[:, :1])
        real = real.to(x.dtype).flatten(2)
        count = real.sum(dtype=dtype)
        excess = (real.numel() / count).sqrt()
        return cls(real, 1 - real, count, excess, (count - 1).clamp(min=1))
