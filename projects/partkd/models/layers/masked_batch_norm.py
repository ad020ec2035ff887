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
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from .frame_mask import FrameMask, MaskAware
from .real_frames import RealFrames


class _MaskedBatchNormFunction(Function):
    """Batch norm over the real frames of (P, C, L) by kernels that know of no mask.

    Padded frames that hold the mean of the real ones leave the sums of a batch norm alone but for
    the number they are divided by, forward and backward. Neither waits for the device nor makes a
    tensor of a size that depends on the mask.
    """

    @staticmethod
    def forward(
        ctx: Any,  # of a FunctionCtx PyTorch's annotations know no set_materialize_grads
        x: Tensor,
        weight: Tensor,
        bias: Tensor,
        eps: float,
        real: Tensor,
        padded: Tensor,
        count: Tensor,
        excess: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Normalise.

        Args:
            ctx: Of autograd.
            x (Tensor): (P, C, L).
            weight (Tensor): (C,).
            bias (Tensor): (C,).
            eps (float): Added to the variance.
            real, padded, count, excess: See :class:`RealFrames`.

        Returns:
            tuple: The normalised frames, zero where padded (P, C, L); mean and biased variance
            over real frames (C,).
        """
        with torch.autocast(x.device.type, enabled=False):
            filled, mean = _fill_with_mean(x, real, padded, count)
            deviation = torch.linalg.vector_norm(filled - mean, dim=-1)
            variance = deviation.square().sum(0) / count
            mean = mean.flatten()
            out, _, _ = torch.native_batch_norm(
                filled, weight, bias, mean, variance, False, 0.0, eps
            )
        inverse_std = (variance + eps).rsqrt()
        ctx.save_for_backward(filled, weight, mean, inverse_std, real, padded, count, excess)
        ctx.mark_non_differentiable(mean, variance)
        ctx.set_materialize_grads(False)
        return out.mul_(real), mean, variance

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any,  # of a FunctionCtx PyTorch's annotations know no saved_tensors
        grad: Tensor | None,
        *_: Tensor,
    ) -> tuple[Tensor | None, ...]:
        if grad is None:
            return (None,) * 8
        filled, weight, mean, inverse_std, real, padded, count, excess = ctx.saved_tensors
        grad, grad_mean = _fill_with_mean(grad, real, padded, count)
        # The kernel divides by the number of all frames, for which the excess makes up.
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
        grad_bias = grad_mean.flatten() * count
        return grad, grad_weight / excess, grad_bias, None, None, None, None, None


def _fill_with_mean(
    x: Tensor, real: Tensor, padded: Tensor, count: Tensor
) -> tuple[Tensor, Tensor]:
    """A copy of (P, C, L) with the mean of real frames in padded ones, and this mean (1, C, 1)."""
    filled = x * real
    mean = filled.sum((0, 2), keepdim=True, dtype=count.dtype) / count
    rows = mean.to(x.dtype).expand(len(x), -1, -1)
    return filled.baddbmm_(rows, padded), mean


class _MaskedBatchNorm(MaskAware, nn.modules.batchnorm._BatchNorm):
    """Batch norm over (P, C, T, ...) whose padded frames count for nothing and come out zero."""

    # None is made without running statistics, see mask_batch_norms.
    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def forward(self, x: Tensor) -> Tensor:
        frames = self._real_frames(x)
        if frames is None:
            return super().forward(x)
        if not self.training:
            return (super().forward(x).flatten(2) * frames.real).view_as(x)
        weight: Tensor = self.weight
        bias: Tensor = self.bias
        if not self.affine:
            weight, bias = torch.ones_like(self.running_mean), torch.zeros_like(self.running_mean)
        out, mean, variance = _MaskedBatchNormFunction.apply(
            x.flatten(2),
            weight,
            bias,
            self.eps,
            frames.real,
            frames.padded,
            frames.count,
            frames.excess,
        )
        self._track(mean, variance * frames.count / frames.degrees)
        return out.view_as(x)

    def _real_frames(self, x: Tensor) -> RealFrames | None:
        if x.dim() == 2:  # means over time, of persons, who are all real
            return None
        return self.frame_mask.real_frames(x, self.running_mean.dtype)

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


class FramesAndJointsBatchNorm(_MaskedBatchNorm, nn.BatchNorm1d):
    """For features of frames and behind them of joints, (P, C, T + V), as EfficientGCN's attention
    has them.

    Args:
        num_features (int): C.
        num_joints (int): V.
    """

    def __init__(self, num_features: int, num_joints: int) -> None:
        super().__init__(num_features)
        self.num_joints = num_joints

    def _real_frames(self, x: Tensor) -> RealFrames | None:
        mask = self.frame_mask.at(x.shape[2] - self.num_joints)
        if mask is None:
            return None
        mask = torch.cat([mask, mask.new_ones(len(mask), self.num_joints)], 1)
        return RealFrames.of(mask, x, self.running_mean.dtype)


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
