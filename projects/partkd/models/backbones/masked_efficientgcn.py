"""EfficientGCN, from real frames alone."""

from typing import Literal

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn

from partkd.arguments import Count, Whole, checked
from partkd.models.layers import (
    FramesAndJointsBatchNorm,
    HopGraphConvolution,
    MaskAware,
    hop_adjacency,
    mean_over_frames,
)

from .branched_network import BranchedNetwork, channels_of_a_branch
from .graph_network import shortcut

KERNEL_SIZE = 5
Temporal = Literal['sg', 'sep']
# By how much a bottleneck is narrower, of the layer 'sg' and of the attention beside each layer.
REDUCTION: dict[Temporal, int] = dict(sg=2, sep=4)
EXPANSION = 2


def _convolution(
    in_channels: int, out_channels: int, frames: int = 1, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    """Over time, with a batch norm."""
    conv = nn.Conv2d(
        in_channels, out_channels, (frames, 1), (stride, 1), (frames // 2, 0), groups=groups
    )
    return nn.Sequential(conv, nn.BatchNorm2d(out_channels))


class SpatialLayer(nn.Module):
    """Mixes joints up to two links apart.

    Args:
        in_channels (int): C.
        out_channels (int): C'.
        adjacency (Tensor): (K, V, V).
    """

    def __init__(self, in_channels: int, out_channels: int, adjacency: Tensor) -> None:
        super().__init__()
        self.graph = HopGraphConvolution(in_channels, out_channels, adjacency)
        self.bn = nn.BatchNorm2d(out_channels)
        self.residual = shortcut(in_channels, out_channels, stride=1)

    def forward(self, x: Tensor) -> Tensor:
        """(P, C, T, V) to (P, C', T, V)."""
        return nn.functional.silu(self.bn(self.graph(x)) + self.residual(x))


class TemporalLayer(nn.Module):
    """A whole convolution over time, which ends the stem.

    Args:
        channels (int): C.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = _convolution(channels, channels, KERNEL_SIZE)

    def forward(self, x: Tensor) -> Tensor:
        """(P, C, T, V) to the same."""
        return nn.functional.silu(self.conv(x) + x)


class _ResidualLayers(nn.Module):
    """Layers and a way past them, without an activation behind.

    Args:
        channels (int): C.
        stride (int): 1 or 2, of the layers.
        *layers (nn.Module): One after the other.
    """

    def __init__(self, channels: int, stride: int, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.residual = shortcut(channels, channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """(P, C, T, V) to (P, C, T', V)."""
        return self.layers(x) + self.residual(x)


class SandGlassLayer(_ResidualLayers):
    """Depthwise convolutions over time around a bottleneck (SG, Sec. 3.4).

    Args:
        channels (int): C.
        stride (int): 1 or 2.
    """

    def __init__(self, channels: int, stride: int) -> None:
        narrow = channels // REDUCTION['sg']
        super().__init__(
            channels,
            stride,
            _convolution(channels, channels, KERNEL_SIZE, groups=channels),
            nn.SiLU(),
            _convolution(channels, narrow),
            _convolution(narrow, channels),
            nn.SiLU(),
            _convolution(channels, channels, KERNEL_SIZE, stride, groups=channels),
        )


class SeparableLayer(_ResidualLayers):
    """A depthwise convolution over time on twice the channels (Sep, Sec. 3.4).

    Args:
        channels (int): C.
        stride (int): 1 or 2.
    """

    def __init__(self, channels: int, stride: int) -> None:
        wide = channels * EXPANSION
        super().__init__(
            channels,
            stride,
            _convolution(channels, wide),
            nn.SiLU(),
            _convolution(wide, wide, KERNEL_SIZE, stride, groups=wide),
            nn.SiLU(),
            _convolution(wide, channels),
        )


TEMPORAL_LAYERS: dict[Temporal, type[nn.Module]] = dict(sg=SandGlassLayer, sep=SeparableLayer)


class JointFrameAttention(MaskAware, nn.Module):
    """How much each joint matters in each frame (ST-JointAtt, Sec. 3.5), with the way past it.

    Args:
        channels (int): C.
        num_joints (int): V.
        reduction (int): By how much the bottleneck is narrower.
    """

    def __init__(self, channels: int, num_joints: int, reduction: int) -> None:
        super().__init__()
        narrow = channels // reduction
        self.squeeze = nn.Conv1d(channels, narrow, 1)
        self.squeeze_bn = FramesAndJointsBatchNorm(narrow, num_joints)
        self.frames = nn.Conv1d(narrow, channels, 1)
        self.joints = nn.Conv1d(narrow, channels, 1)
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(P, C, T, V) to the same."""
        over_frames = mean_over_frames(x, self.frame_mask.at(x.shape[2]))
        both = torch.cat([x.mean(3), over_frames], 2)
        both = nn.functional.hardswish(self.squeeze_bn(self.squeeze(both)))
        frames, joints = both.split([x.shape[2], x.shape[3]], 2)
        gate = self.frames(frames).sigmoid()[..., None] * self.joints(joints).sigmoid()[:, :, None]
        return nn.functional.silu(self.bn(x * gate) + x)


@MODELS.register_module()
class MaskedEfficientGCN(BranchedNetwork):
    """EfficientGCN (Song et al., arXiv 2106.15125), from real frames alone.

    The defaults are those of B0. Its published parameter counts leave out the learned weights of
    the edges. Each block of the main stream halves the frames.

    Args:
        graph_cfg (dict): Config of the graph, see mmaction2's ``Graph``; only its layout counts.
        in_channels (int): C of the input, as many for each branch. Defaults to 18, six streams of
            three dimensions: ``joint``, ``centred_joint``, ``joint_motion``, ``two_frame_motion``,
            ``bone``, ``bone_angle``.
        num_branches (int): Input branches. Defaults to 3.
        stem_channels (int): C of the first two layers of a branch. Defaults to 64.
        branch_channels (tuple[int, ...]): C of the blocks of a branch. Defaults to (48, 32).
        main_channels (tuple[int, ...]): C of the main blocks. Defaults to (64, 128).
        depths (tuple[int, ...]): Temporal layers of each block, those of a branch first. A main
            block has one at least. Defaults to (0, 0, 1, 1).
        temporal (str): The temporal layer, ``'sg'`` or ``'sep'``. Defaults to ``'sg'``.
        init_cfg (dict | list[dict], optional): Of mmengine. Defaults to None.

    Raises:
        ValueError: If an argument is not what it may be.
    """

    @checked
    def __init__(
        self,
        graph_cfg: dict,
        in_channels: Whole = 18,
        num_branches: Whole = 3,
        stem_channels: Whole = 64,
        branch_channels: tuple[Whole, ...] = (48, 32),
        main_channels: tuple[Whole, ...] = (64, 128),
        depths: tuple[Count, ...] = (0, 0, 1, 1),
        temporal: Temporal = 'sg',
        init_cfg: dict | list | None = None,
    ) -> None:
        in_branch = len(branch_channels)
        whole = in_branch and main_channels and len(depths) == in_branch + len(main_channels)
        if not whole or not all(depths[in_branch:]):
            raise ValueError(
                f'MaskedEfficientGCN: depths={depths}: one for each of branch_channels='
                f'{branch_channels} and main_channels={main_channels}, of the latter 1 or more'
            )
        adjacency = hop_adjacency(graph_cfg)
        channels = channels_of_a_branch(in_channels, num_branches, type(self).__name__)

        def blocks(start: int, widths: tuple[int, ...], deep: tuple[int, ...], stride: int) -> list:
            layers: list[nn.Module] = []
            for width, depth in zip(widths, deep, strict=True):
                layers.append(SpatialLayer(start, width, adjacency))
                for number in range(depth):
                    layers.append(TEMPORAL_LAYERS[temporal](width, 1 if number else stride))
                layers.append(JointFrameAttention(width, adjacency.shape[1], REDUCTION[temporal]))
                start = width
            return layers

        branches: list[nn.Module] = [
            nn.Sequential(
                nn.BatchNorm2d(channels),
                SpatialLayer(channels, stem_channels, adjacency),
                TemporalLayer(stem_channels),
                *blocks(stem_channels, branch_channels, depths[:in_branch], stride=1),
            )
            for _ in range(num_branches)
        ]
        joined = num_branches * branch_channels[-1]
        main = nn.Sequential(*blocks(joined, main_channels, depths[in_branch:], stride=2))
        super().__init__(branches, main, init_cfg)
