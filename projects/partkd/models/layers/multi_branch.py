"""Temporal convolutions of several reaches side by side."""

from functools import partial

from mmaction.models.utils import unit_tcn
from mmengine.model import BaseModule, ModuleList
from torch import Tensor, cat, nn

KERNEL_SIZE, DILATIONS = 5, (1, 2)
POOLED_FRAMES = 3
BRANCHES = len(DILATIONS) + 2


class MultiBranchConvolution(BaseModule):
    """CTR-GCN's temporal layer (Chen et al., arXiv 2107.12213, Sec. 3.4): four branches, each a
    quarter of the channels wide.

    Two convolutions over 5 frames with dilations 1 and 2, the maximum over 3 frames, and a 1x1
    convolution. Every branch ends in a batch norm, and zeros in padded frames stay zeros.

    Args:
        in_channels (int): C.
        out_channels (int): C', a multiple of 4.
        stride (int): 1 or 2. Defaults to 1.

    Raises:
        ValueError: If ``out_channels`` is no multiple of 4.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__(
            init_cfg=[
                dict(type='Kaiming', layer='Conv2d', mode='fan_out'),
                dict(type='Normal', layer='BatchNorm2d', mean=1.0, std=0.02),
            ]
        )
        width, rest = divmod(out_channels, BRANCHES)
        if rest:
            raise ValueError(
                f'{out_channels} channels cannot be dealt out to {BRANCHES} branches: set '
                f'base_channels to a multiple of {BRANCHES}'
            )
        convolution = partial(unit_tcn, stride=stride, init_cfg=None)
        self.branches = ModuleList(
            nn.Sequential(
                *_narrow(in_channels, width),
                convolution(width, width, KERNEL_SIZE, dilation=dilation),
            )
            for dilation in DILATIONS
        )
        # After a ReLU the zeros of padded frames are no maximum.
        pool = nn.MaxPool2d((POOLED_FRAMES, 1), (stride, 1), (POOLED_FRAMES // 2, 0))
        pooled = nn.Sequential(*_narrow(in_channels, width), pool, nn.BatchNorm2d(width))
        self.branches.extend([pooled, convolution(in_channels, width, 1)])

    def forward(self, x: Tensor) -> Tensor:
        """(P, C, T, V) to (P, C', T', V)."""
        return cat([branch(x) for branch in self.branches], 1)


def _narrow(in_channels: int, width: int) -> list[nn.Module]:
    return [nn.Conv2d(in_channels, width, 1), nn.BatchNorm2d(width), nn.ReLU()]
