from collections.abc import Iterable

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn

from partkd.models.layers import MultiBranchConvolution, mean_over_frames

from .graph_network import GraphConvolution, GraphNetwork

REDUCTION, FEWEST_CHANNELS = 8, 8


class TopologyRefinement(nn.Module):
    """One subset of a channel-wise topology refinement graph convolution.

    Args:
        in_channels (int): C.
        out_channels (int): C'.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        hidden = max(in_channels // REDUCTION, FEWEST_CHANNELS)
        self.conv1 = nn.Conv2d(in_channels, hidden, 1)
        self.conv2 = nn.Conv2d(in_channels, hidden, 1)
        self.conv3 = nn.Conv2d(in_channels, out_channels, 1)
        self.conv4 = nn.Conv2d(hidden, out_channels, 1)

    def forward(
        self, x: Tensor, mean: Tensor, shared: Tensor, alpha: Tensor
    ) -> tuple[Tensor, Tensor]:
        """What is aggregated, and how.

        Args:
            x (Tensor): (P, C, T, V).
            mean (Tensor): Its mean over real frames, (P, C, 1, V).
            shared (Tensor): The topology of all clips and channels, (V, V).
            alpha (Tensor): The weight of what is this clip's and channel's own, (1,).

        Returns:
            tuple[Tensor, Tensor]: Features (P, C', T, V), and how much each joint takes of each,
            (P, C', V, V): their product is aggregated.
        """
        differences = self.conv1(mean).transpose(2, 3) - self.conv2(mean)
        topology = shared + alpha * self.conv4(differences.tanh())
        return self.conv3(x), topology.transpose(2, 3)


class TopologyGraphConvolution(GraphConvolution):
    """Channel-wise topology refinement graph convolution (Chen et al., arXiv 2107.12213, Sec. 3.2).

    A topology that is learned, and in each channel of each clip refined by how joints differ in the
    mean over time. The mean is taken before the 1x1 convolutions, which gives the same.

    Args:
        in_channels (int): C.
        out_channels (int): C'.
        adjacency (Tensor): The skeleton's, with which the topology starts, (K, V, V).
    """

    def __init__(self, in_channels: int, out_channels: int, adjacency: Tensor) -> None:
        super().__init__(in_channels, out_channels)
        self.PA = nn.Parameter(adjacency.clone())
        self.alpha = nn.Parameter(torch.zeros(1))
        self.convs = nn.ModuleList(TopologyRefinement(in_channels, out_channels) for _ in adjacency)

    def aggregate(self, x: Tensor, mask: Tensor | None) -> Tensor:
        mean = mean_over_frames(x, mask)[:, :, None]
        return sum_of_products(
            convolve(x, mean, shared, self.alpha)
            for convolve, shared in zip(self.convs, self.PA, strict=True)
        )


def sum_of_products(pairs: Iterable[tuple[Tensor, Tensor]]) -> Tensor:
    """The sum of batched matrix products, each added as it is computed.

    Args:
        pairs (Iterable[tuple[Tensor, Tensor]]): One or more, (P, C, T, V) and (P, C, V, V).

    Returns:
        Tensor: (P, C, T, V).
    """
    (first, first_by), *others = pairs
    total = (first @ first_by).flatten(0, 1)
    for features, by in others:
        total = torch.baddbmm(total, features.flatten(0, 1), by.flatten(0, 1))
    return total.view_as(first)


@MODELS.register_module()
class MaskedCTRGCN(GraphNetwork):
    """CTR-GCN (Chen et al., ICCV 2021, arXiv 2107.12213), from real frames alone.

    The authors' graph is that of ``graph_cfg=dict(mode='spatial')``. They compare joints by two
    channels where the input has 16; here it is by eight at least.

    Arguments are those of :class:`GraphNetwork`; ``base_channels`` is a multiple of 4.
    """

    spatial_unit = TopologyGraphConvolution
    temporal_unit = MultiBranchConvolution
