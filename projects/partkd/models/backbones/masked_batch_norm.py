"""Backbones of plain temporal convolutions, made blind to padded frames.

A spatial-temporal GCN mixes frames only in its temporal convolutions, and each of those reads the
output of a batch norm. Where every batch norm leaves padded frames out of its statistics and
writes zeros there, a convolution sees beyond a clip's end the same zeros as its own padding, and
a padded clip gives what the clip alone gives.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn


class FrameMask:
    """The frame mask of the batch that a backbone is at work on, at every temporal resolution.

    One object is shared by the batch norms of one backbone.
    """

    def __init__(self) -> None:
        self._mask: Tensor | None = None
        self._heeded = False

    @contextmanager
    def use(self, mask: Tensor | None) -> Iterator[None]:
        """Have ``mask`` (P, T) bool, or None where every frame is real, in force.

        Raises:
            RuntimeError: If no batch norm asked for it, as when others took their place.
        """
        self._mask, self._heeded = mask, mask is None
        try:
            yield
            if not self._heeded:
                raise RuntimeError(
                    'no batch norm of the backbone knows of padded frames (synchronised ones do '
                    'not): remove sync_bn, or sample clips of one length in the pipeline'
                )
        finally:
            self._mask = None

    def at(self, num_frames: int) -> Tensor | None:
        """The mask (P, num_frames) after the strides up to here, or None."""
        self._heeded = True
        return None if self._mask is None else downsample_mask(self._mask, num_frames)


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


class _MaskedBatchNorm(nn.modules.batchnorm._BatchNorm):
    """Batch norm over (P, C, T, ...) whose padded frames count for nothing and come out zero."""

    frame_mask: FrameMask

    def forward(self, x: Tensor) -> Tensor:
        mask = self.frame_mask.at(x.shape[2])
        if mask is None:
            return super().forward(x)
        if not self.training:
            return super().forward(x) * mask.view(len(mask), 1, -1, *[1] * (x.dim() - 3))
        # Real frames side by side, (frames, C, ...), have the statistics of unpadded clips.
        frames = x.transpose(1, 2)[mask]
        normalised = super().forward(frames[..., None] if x.dim() == 4 else frames)
        out = normalised.new_zeros(*mask.shape, *frames.shape[1:])
        out[mask] = normalised.reshape(frames.shape)
        return out.transpose(1, 2)


class MaskedBatchNorm1d(_MaskedBatchNorm, nn.BatchNorm1d):
    """For the data batch norm, (P, V * C, T)."""


class MaskedBatchNorm2d(_MaskedBatchNorm, nn.BatchNorm2d):
    """For the features, (P, C, T, V)."""


_MASKED = {nn.BatchNorm1d: MaskedBatchNorm1d, nn.BatchNorm2d: MaskedBatchNorm2d}


def mask_batch_norms(module: nn.Module, frame_mask: FrameMask) -> None:
    """Replace the batch norms below ``module`` by masked ones, in place.

    Parameters, buffers and their names stay, so checkpoints of the plain backbone load.
    """
    for name, child in module.named_children():
        masked_type = _MASKED.get(type(child))
        if masked_type is None:
            mask_batch_norms(child, frame_mask)
            continue
        masked = masked_type(child.num_features, child.eps, child.momentum, child.affine)
        masked.load_state_dict(child.state_dict())
        masked.frame_mask = frame_mask
        setattr(module, name, masked)
