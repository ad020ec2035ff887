"""Graph convolutions of mmaction2 in the fewest operations that inference needs."""

import torch
from mmaction.models.utils import unit_gcn
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm


class FoldedGraphConvolution(nn.Module):
    """A trained ``unit_gcn`` whose adjacency is constant and whose batch norm is in its weights.

    All K subsets are aggregated by one product with a (V, K * V) matrix. The 1x1 convolutions of
    the subsets and their sum are then one convolution over those K * V columns, with a kernel of
    K and a dilation of V, so nothing is transposed. A bias becomes one for each joint, as a joint
    with more neighbours gets more of it.

    Args:
        gcn (unit_gcn): In eval mode, with a batch norm. Its weights are copied.
    """

    adjacency: Tensor
    weight: Tensor
    bias: Tensor

    def __init__(self, gcn: unit_gcn) -> None:
        super().__init__()
        adjacency = _adjacency(gcn)
        K, V, _ = adjacency.shape
        scale, shift = _scale_and_shift(gcn.bn)
        weight, bias = _subset_weights(gcn, K)
        reach = adjacency.sum(1) if gcn.conv_pos == 'pre' else torch.ones(1, V)
        joint_bias = scale[:, None] * (bias.T @ reach) + shift[:, None]
        self.num_joints = V
        self.register_buffer('adjacency', adjacency.permute(1, 0, 2).reshape(V, K * V))
        self.register_buffer('weight', (scale[:, None, None] * weight)[:, :, None].contiguous())
        self.register_buffer('bias', joint_bias[:, None])
        self.act = gcn.act
        self.residual = gcn.down if gcn.with_res else None

    def forward(self, x: Tensor) -> Tensor:
        """(P, C, T, V) to (P, C', T, V), as the ``unit_gcn`` does in eval mode."""
        out = F.conv2d(x @ self.adjacency, self.weight, dilation=(1, self.num_joints)) + self.bias
        if self.residual is not None:
            out = out + self.residual(x)
        return self.act(out)


def fold_graph_convolutions(module: nn.Module) -> None:
    """Replace every ``unit_gcn`` below ``module`` whose batch norm is constant, in place.

    One without running statistics is not: it normalises by the batch at hand, trained or not.

    Args:
        module (nn.Module): In eval mode.
    """
    for name, child in module.named_children():
        if isinstance(child, unit_gcn) and _is_constant(child.bn):
            setattr(module, name, FoldedGraphConvolution(child))
        else:
            fold_graph_convolutions(child)


def _adjacency(gcn: unit_gcn) -> Tensor:
    """What the graph convolution multiplies by, (K, V, V)."""
    if gcn.adaptive == 'offset':
        return (gcn.A + gcn.PA).detach()
    if gcn.adaptive == 'importance':
        return (gcn.A * gcn.PA).detach()
    return gcn.A.detach()


def _is_constant(norm: nn.Module) -> bool:
    return isinstance(norm, _BatchNorm) and norm.running_var is not None


def _scale_and_shift(norm: _BatchNorm) -> tuple[Tensor, Tensor]:
    """A batch norm in eval mode is ``x * scale + shift``, both (C',)."""
    if norm.running_mean is None or norm.running_var is None:
        raise ValueError('a batch norm without running statistics is not constant: keep it')
    scale = (norm.running_var + norm.eps).rsqrt() * norm.weight.detach()
    return scale, norm.bias.detach() - norm.running_mean * scale


def _subset_weights(gcn: unit_gcn, num_subsets: int) -> tuple[Tensor, Tensor]:
    """Weights (C', C, K), and biases: of every subset (K, C'), or of their sum (1, C')."""
    weight, bias = gcn.conv.weight.detach().flatten(1), gcn.conv.bias.detach()
    if gcn.conv_pos == 'pre':
        weight = weight.view(num_subsets, gcn.out_channels, gcn.in_channels).permute(1, 2, 0)
        return weight, bias.view(num_subsets, gcn.out_channels)
    weight = weight.view(gcn.out_channels, num_subsets, gcn.in_channels).transpose(1, 2)
    return weight, bias[None]
