"""Graph convolution over neighbours by their distance, as ResGCN and EfficientGCN have it."""

import numpy as np
import torch
from mmaction.models.utils.graph import Graph, normalize_digraph
from torch import Tensor, nn

# Joints further apart than this are strangers to each other.
FURTHEST = 10


def hop_adjacency(graph_cfg: dict, max_hop: int = 2) -> Tensor:
    """One matrix for each distance between joints.

    As in the code of ResGCN, columns are normalised over all joints within ten links, and not over
    those of the matrices alone.

    Args:
        graph_cfg (dict): Config of the graph, see mmaction2's ``Graph``; only its layout counts.
        max_hop (int): The greatest distance, in links. Defaults to 2.

    Returns:
        Tensor: (max_hop + 1, V, V) float32.
    """
    hops = Graph(layout=graph_cfg['layout'], mode='binary_adj', max_hop=FURTHEST).hop_dis
    weights = normalize_digraph((hops <= FURTHEST).astype(np.float64))
    matrices = [np.where(hops == hop, weights, 0) for hop in range(max_hop + 1)]
    return torch.tensor(np.stack(matrices), dtype=torch.float32)


class HopGraphConvolution(nn.Module):
    """A 1x1 convolution for each distance, whose neighbours are added up with learned weights.

    Args:
        in_channels (int): C.
        out_channels (int): C'.
        adjacency (Tensor): (K, V, V), see :func:`hop_adjacency`.
    """

    adjacency: Tensor

    def __init__(self, in_channels: int, out_channels: int, adjacency: Tensor) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels * len(adjacency), 1)
        self.edge = nn.Parameter(torch.ones_like(adjacency))
        self.register_buffer('adjacency', adjacency, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(P, C, T, V) to (P, C', T, V); padded frames get the bias."""
        weights = self.adjacency * self.edge
        subsets = self.conv(x).chunk(len(weights), 1)
        first, *others = (one @ weight for one, weight in zip(subsets, weights, strict=True))
        return sum(others, first)
