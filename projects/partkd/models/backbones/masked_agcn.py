import math

import torch
from mmaction.models.utils import unit_tcn
from mmaction.registry import MODELS
from torch import Tensor, nn

from partkd.models.layers import joint_affinity

from .graph_network import GraphConvolution, GraphNetwork

REDUCTION = 4


class SoftmaxGraphConvolution(GraphConvolution):
    """Adaptive graph convolution (Shi et al., arXiv 1805.07694, Eq. 3 and 4).

    Neighbours are those of the skeleton, those learned for all clips, and those who move alike in
    this one: a softmax over joints of :func:`partkd.models.layers.joint_affinity`, as in the
    authors' code, which divides by channels and frames.

    Args:
        in_channels (int): C.
        out_channels (int): C', 4 or more.
        adjacency (Tensor): The skeleton's, (K, V, V).
    """

    A: Tensor

    def __init__(self, in_channels: int, out_channels: int, adjacency: Tensor) -> None:
        std = math.sqrt(2 / (len(adjacency) * in_channels * out_channels))
        branches = dict(type='Normal', std=std, override=dict(name='conv_d'))
        super().__init__(in_channels, out_channels, branches)
        if out_channels < REDUCTION:
            raise ValueError(
                f'adaptive graph convolutions of {out_channels} channels compare joints by none: '
                f'set base_channels to {REDUCTION} or more'
            )
        subsets = range(len(adjacency))
        hidden = out_channels // REDUCTION
        self.register_buffer('A', adjacency)
        self.PA = nn.Parameter(torch.full_like(adjacency, 1e-6))
        # The softmax takes away what a bias of the queries adds, which is the same for all.
        self.conv_a = nn.ModuleList(nn.Conv2d(in_channels, hidden, 1, bias=False) for _ in subsets)
        self.conv_b = nn.ModuleList(nn.Conv2d(in_channels, hidden, 1) for _ in subsets)
        self.conv_d = nn.ModuleList(nn.Conv2d(in_channels, out_channels, 1) for _ in subsets)

    def aggregate(self, x: Tensor, mask: Tensor | None) -> Tensor:
        total = x.new_zeros(())
        subsets = zip(self.A + self.PA, self.conv_a, self.conv_b, self.conv_d, strict=True)
        for adjacency, query, key, convolve in subsets:
            alike = joint_affinity(query(x), key(x), mask).softmax(-2)
            total = total + convolve((x.flatten(1, 2) @ (adjacency + alike)).view_as(x))
        return total


@MODELS.register_module()
class MaskedAGCN(GraphNetwork):
    """Js-AGCN, a stream of 2s-AGCN (Shi et al., arXiv 1805.07694), from real frames alone.

    In its authors' form: a softmax over joints, and a skeleton that stays. mmaction2's form, a tanh
    and a skeleton that is learned, is ``MaskedAAGCN`` with ``gcn_attention=False``. Left out is the
    bias of the queries, which has no effect. The authors' graph is that of
    ``graph_cfg=dict(mode='spatial')``.

    Arguments are those of :class:`GraphNetwork`; ``base_channels`` is 4 or more.
    """

    spatial_unit = SoftmaxGraphConvolution
    temporal_unit = unit_tcn
