from typing import Any

from mmaction.models.backbones import AAGCN
from mmaction.models.utils import unit_aagcn
from mmaction.registry import MODELS
from torch import Tensor

from partkd.models.layers import (
    MaskAware,
    channel_gate,
    joint_affinity,
    spatial_gate,
    temporal_gate,
)


@MODELS.register_module()
class MaskedAAGCN(AAGCN):
    """mmaction2's AAGCN (Shi et al., arXiv 1912.06971), with attention and learned adjacency from
    real frames alone, for clips of unlike length.

    Where nothing is padded it computes what AAGCN computes, whose checkpoints load.
    ``gcn_attention=False`` makes it Js-AGCN, one stream of 2s-AGCN (Shi et al., arXiv 1805.07694)
    in mmaction2's form.

    Args:
        graph_cfg (dict): Config of the graph.
        data_bn_type (str): As of AAGCN. Defaults to ``'VC'``, one person at a time.
        **kwargs: Of AAGCN.
    """

    def __init__(self, graph_cfg: dict, data_bn_type: str = 'VC', **kwargs: Any) -> None:
        super().__init__(graph_cfg, data_bn_type=data_bn_type, **kwargs)
        for block in self.gcn:
            block.gcn = MaskedAdaptiveGraphConvolution.like(block.gcn)


class MaskedAdaptiveGraphConvolution(MaskAware, unit_aagcn):
    """mmaction2's ``unit_aagcn`` that heeds the frame mask, (P, C, T, V) to (P, C', T, V)."""

    @classmethod
    def like(cls, unit: unit_aagcn) -> 'MaskedAdaptiveGraphConvolution':
        """One of the same settings and weights."""
        masked = cls(
            unit.in_c,
            unit.out_c,
            unit.A.detach().clone(),
            coff_embedding=unit.out_c // unit.inter_c,
            adaptive=unit.adaptive,
            attention=unit.attention,
        )
        masked.load_state_dict(unit.state_dict())
        return masked

    def forward(self, x: Tensor) -> Tensor:
        mask = self.frame_mask.at(x.shape[2])
        y = self.relu(self.bn(self._aggregate(x, mask)) + self.down(x))
        if self.attention:
            y = y + y * spatial_gate(y, self.conv_sa, mask)
            y = y + y * temporal_gate(y, self.conv_ta, mask)
            y = y + y * channel_gate(y, self.fc1c, self.fc2c, mask)
        return y

    def _aggregate(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """The sum over the subsets of graph convolutions, (P, C', T, V)."""
        total = x.new_zeros(())
        for subset, convolve in enumerate(self.conv_d):
            adjacency = self.A[subset]
            if self.adaptive:
                query, key = self.conv_a[subset](x), self.conv_b[subset](x)
                adjacency = adjacency + self.alpha * self.tan(joint_affinity(query, key, mask))
            total = total + convolve((x.flatten(1, 2) @ adjacency).view_as(x))
        return total
