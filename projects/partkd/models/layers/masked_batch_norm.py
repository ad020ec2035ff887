"""Batch norms that padded frames do not touch, which is all that plain convolutions need.

ST-GCN and its like mix frames only in their temporal convolutions, and each of those reads the
output of a batch norm. Where every batch norm leaves padded frames out of its statistics and
writes zeros there, a convolution sees beyond a clip's end the same zeros as its own padding, and
a padded clip gives what the clip alone gives. Where frames meet in any other way, as in a mean
over time, that layer must heed the mask as well.

The batch norm of the input counts in training alone, but there most of all: zeros lie so far from
joints whose variance is small that one padded frame in a hundred makes it ten times as large.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import FunctionCtx, once_differentiable

from .frame_mask import FrameMask, MaskAware


class _MaskedBatchNormFunction(Function):
    """Batch norm over the real frames of (P, C, L) by kernels that know of no mask.

    Padded frames that hold the mean of the real ones leave the sums of a batch norm alone but for
    the number they are divided by, forward and backward. Neither waits for the device nor makes a
    tensor of a size that depends on the mask.
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx, x: Tensor, real: Tensor, weight: Tensor, bias: Tensor, eps: float
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Normalise.

        Args:
            ctx: Of autograd.
            x (Tensor): (P, C, L).
            real (Tensor): 1 where a frame is real, else 0, (P, 1, L) of the dtype of ``x``.
            weight (Tensor): (C,).
            bias (Tensor): (C,).
            eps (float): Added to the variance.

        Returns:
            tuple: The normalised frames, zero where padded (P, C, L); mean and biased variance
            over real frames (C,); their number.
        """
        count = real.sum(dtype=weight.dtype)
        with torch.autocast(x.device.type, enabled=False):
            filled, mean = _fill_with_mean(x, real, count)
            deviation = torch.linalg.vector_norm(filled - mean[:, None], dim=-1)
            variance = deviation.square().sum(0) / count
            out = F.batch_norm(filled, mean, variance, weight, bias, eps=eps).mul_(real)
        ctx.save_for_backward(filled, real, weight, mean, (variance + eps).rsqrt(), count)
        ctx.mark_non_differentiable(mean, variance, count)
        return out, mean, variance, count

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any,  # of a FunctionCtx PyTorch's annotations know no saved_tensors
        grad: Tensor,
        *_: Tensor,
    ) -> tuple[Tensor, None, Tensor, Tensor, None]:
        filled, real, weight, mean, inverse_std, count = ctx.saved_tensors
        grad, grad_mean = _fill_with_mean(grad, real, count)
        # The kernel divides by the number of all frames. This makes up for it.
        excess = (real.numel() / count).sqrt()
        grad, grad_weight, _ = torch.ops.aten.native_batch_norm_backward(
            grad,
            filled,
            weight / excess,
            None,
            None,
            mean,
            inverse_std * excess,
            True,
            0.0,
            [True, True, False],
        )
        return grad, None, grad_weight / excess, grad_mean * count, None


def _fill_with_mean(x: Tensor, real: Tensor, count: Tensor) -> tuple[Tensor, Tensor]:
    """A copy of (P, C, L) with the mean of real frames in padded ones, and this mean (C,)."""
    filled = x * real
    mean = filled.sum((0, 2), dtype=count.dtype) / count
    rows = mean.to(x.dtype)[:, None].expand(len(x), -1, -1)
    return filled.baddbmm_(rows, 1 - real), mean


class _MaskedBatchNorm(MaskAware, nn.modules.batchnorm._BatchNorm):
    """Batch norm over (P, C, T, ...) whose padded frames count for nothing and come out zero."""

    # None is made without running statistics, see mask_batch_norms.
    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def forward(self, x: Tensor) -> Tensor:
        mask = self.frame_mask.at(x.shape[2])
        if mask is None:
            return super().forward(x)
        # Spread out over the joints, for kernels are fast where the last axis is not broadcast.
        real = mask.view(len(mask), 1, -1, *[1] * (x.dim() - 3)).expand_as(x[:, :1])
        real = real.to(x.dtype).flatten(2)
        if not self.training:
            return (super().forward(x).flatten(2) * real).view_as(x)
        weight: Tensor = self.weight
        bias: Tensor = self.bias
        if not self.affine:
            weight, bias = torch.ones_like(self.running_mean), torch.zeros_like(self.running_mean)
        out, mean, variance, count = _MaskedBatchNormFunction.apply(
            x.flatten(2), real, weight, bias, self.eps
        )
        self._track(mean, variance * count / (count - 1).clamp(min=1))
        return out.view_as(x)

    @torch.no_grad()
    def _track(self, mean: Tensor, variance: Tensor) -> None:
        """Update the running statistics as torch's batch norm does."""
        self.num_batches_tracked += 1
        share = 1 / self.num_batches_tracked if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance, share)


class MaskedBatchNorm1d(_MaskedBatchNorm, nn.BatchNorm1d):
    """For the data batch norm, (P, V * C, T)."""


class MaskedBatchNorm2d(_MaskedBatchNorm, nn.BatchNorm2d):
    """For the features, (P, C, T, V)."""


_MASKED: dict[type[nn.Module], type[_MaskedBatchNorm]] = {
    nn.BatchNorm1d: MaskedBatchNorm1d,
    nn.BatchNorm2d: MaskedBatchNorm2d,
}


def mask_batch_norms(module: nn.Module, frame_mask: FrameMask) -> None:
    """Replace the batch norms below ``module`` by masked ones, in place.

    Parameters, their names and those of buffers stay, so checkpoints of the plain backbone load.

    Raises:
        ValueError: If one keeps no running statistics, by which every clip would depend on the
            others of its batch.
    """
    for name, child in module.named_children():
        masked_type = _MASKED.get(type(child))
        if masked_type is None or not isinstance(child, nn.modules.batchnorm._BatchNorm):
            mask_batch_norms(child, frame_mask)
            continue
        if child.running_mean is None:
            raise ValueError(
                f'batch norm {name} keeps no running statistics, so what a clip gives would depend '
                'on its batch: leave out track_running_stats=False in the config of the norm'
            )
        masked = masked_type(child.num_features, child.eps, child.momentum, child.affine)
        masked.to(child.running_mean)
        masked.weight, masked.bias = child.weight, child.bias
        masked.load_state_dict(child.state_dict())
        masked.train(child.training)
        masked.frame_mask = frame_mask
        setattr(module, name, masked)
