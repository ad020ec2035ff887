"""What ST-GCN's successors have in common, and how little it is."""

from typing import Any, ClassVar

import torch
from mmaction.models.utils import Graph, unit_tcn
from mmengine.model import BaseModule, ModuleList
from torch import Tensor, nn

from partkd.arguments import Count, Whole, checked
from partkd.models.layers import MaskAware


class GraphNetwork(BaseModule):
    """A batch norm of each joint's channels, then blocks that mix joints and after them frames.

    A subclass says of which layers its blocks are made. Both take features (P, C, T, V) of P
    persons and give (P, C', T', V), the temporal one zeros in padded frames, as a batch norm does.

    Attributes:
        spatial_unit (type): Mixes joints; made from in_channels, out_channels and the adjacency
            (K, V, V).
        temporal_unit (type): Mixes frames; made from in_channels, out_channels and ``stride``.

    Args:
        graph_cfg (dict): Config of the graph, see mmaction2's ``Graph``.
        in_channels (int): C of the input. Defaults to 3.
        base_channels (int): C of the first block. Defaults to 64.
        num_stages (int): Number of blocks. Defaults to 10.
        inflate_stages (list[int]): Blocks, counted from 1, that double the number of channels.
            Defaults to (5, 8).
        down_stages (list[int]): Blocks that halve the number of frames. Defaults to (5, 8).
        init_cfg (dict | list[dict], optional): Of mmengine. Defaults to None.

    Raises:
        ValueError: If an argument is not what it may be.
    """

    spatial_unit: ClassVar[type[nn.Module]]
    temporal_unit: ClassVar[type[nn.Module]]

    @checked
    def __init__(
        self,
        graph_cfg: dict,
        in_channels: Whole = 3,
        base_channels: Whole = 64,
        num_stages: Whole = 10,
        inflate_stages: tuple[Count, ...] = (5, 8),
        down_stages: tuple[Count, ...] = (5, 8),
        init_cfg: dict | list | None = None,
    ) -> None:
        super().__init__(init_cfg)
        adjacency = torch.tensor(Graph(**graph_cfg).A, dtype=torch.float32)
        self.base_channels = base_channels
        self.inflate_stages = inflate_stages
        self.data_bn = nn.BatchNorm1d(adjacency.shape[1] * in_channels)
        self.gcn = ModuleList()
        channels = in_channels
        for stage in range(1, num_stages + 1):
            width = base_channels * 2 ** sum(start <= stage for start in inflate_stages)
            stride = 2 if stage in down_stages else 1
            spatial = self.spatial_unit(channels, width, adjacency)
            temporal = self.temporal_unit(width, width, stride=stride)
            # The first block has coordinates as its input, past which nothing is led.
            residual = None if stage == 1 else shortcut(channels, width, stride)
            self.gcn.append(GraphBlock(spatial, temporal, residual))
            channels = width

    def forward(self, x: Tensor) -> Tensor:
        """(N, M, T, V, C) to (N, M, C', T', V)."""
        clips, persons, _, joints, channels = x.shape
        x = self.data_bn(x.flatten(0, 1).permute(0, 2, 3, 1).flatten(1, 2))
        x = x.unflatten(1, (joints, channels)).permute(0, 2, 3, 1)
        for block in self.gcn:
            x = block(x)
        return x.unflatten(0, (clips, persons))


class GraphBlock(BaseModule):
    """Joints, then frames, and a way past both.

    Args:
        spatial (nn.Module): Mixes joints.
        temporal (nn.Module): Mixes frames.
        residual (nn.Module, optional): What the input goes through on its way past. None where it
            does not go past.
    """

    def __init__(self, spatial: nn.Module, temporal: nn.Module, residual: nn.Module | None) -> None:
        super().__init__()
        self.spatial = spatial
        self.temporal = temporal
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        """(P, C, T, V) to (P, C', T', V)."""
        y = self.temporal(self.spatial(x))
        return (y if self.residual is None else y + self.residual(x)).relu()


class GraphConvolution(MaskAware, BaseModule):
    """A sum over subsets of neighbours with a batch norm, and the joint itself beside it.

    Weights start as those of Kaiming et al., but the batch norm at 1e-6, so that at the start a
    block has the joint itself alone.

    Args:
        in_channels (int): C.
        out_channels (int): C'.
        *init_cfg (dict): Of mmengine, what else is to start otherwise.
    """

    def __init__(self, in_channels: int, out_channels: int, *init_cfg: dict) -> None:
        start: list[dict[str, Any]] = [
            dict(type='Kaiming', layer='Conv2d', mode='fan_out'),
            dict(
                type='Constant',
                layer='BatchNorm2d',
                val=1,
                override=dict(type='Constant', name='bn', val=1e-6),
            ),
        ]
        super().__init__(init_cfg=[*start, *init_cfg])
        self.bn = nn.BatchNorm2d(out_channels)
        self.down: nn.Module = nn.Identity()
        if in_channels != out_channels:
            self.down = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x: Tensor) -> Tensor:
        """(P, C, T, V) to (P, C', T, V)."""
        mask = self.frame_mask.at(x.shape[2])
        return (self.bn(self.aggregate(x, mask)) + self.down(x)).relu()

    def aggregate(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """The sum over the subsets.

        Args:
            x (Tensor): (P, C, T, V).
            mask (Tensor, optional): True where a frame is real, (P, T) bool. None where all are.

        Returns:
            Tensor: (P, C', T, V); what is in padded frames is not read.
        """
        raise NotImplementedError


def shortcut(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    """What features go through on their way past a block.

    Args:
        in_channels (int): C.
        out_channels (int): C'.
        stride (int): 1 or 2.

    Returns:
        nn.Module: (P, C, T, V) to (P, C', T', V); nothing where both are alike.
    """
    if in_channels == out_channels and stride == 1:
        return nn.Identity()
    return unit_tcn(in_channels, out_channels, kernel_size=1, stride=stride)
