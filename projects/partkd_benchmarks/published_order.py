"""Layers that compute in the order of their authors' code, where ours found a shorter way."""

from torch import Tensor, nn

from partkd.models.backbones.masked_ctrgcn import TopologyRefinement


class _AuthorsRefinement(TopologyRefinement):
    """As in CTR-GCN's code: joints are compared by means over time of what 1x1 convolutions give of
    every frame; here the convolutions see the mean alone, which gives the same."""

    def forward(self, x: Tensor, mean: Tensor, shared: Tensor, alpha: Tensor) -> Tensor:
        one, other = self.conv1(x).mean(-2), self.conv2(x).mean(-2)
        differences = one.unsqueeze(-1) - other.unsqueeze(-2)
        topology = shared + alpha * self.conv4(differences.tanh())
        return self.conv3(x) @ topology.transpose(2, 3)


def in_published_order(model: nn.Module) -> nn.Module:
    """Make a model compute as its authors' code does. Its parameters stay.

    Args:
        model (nn.Module): A recogniser of clips that have no padding that counts as such; it is
            changed.

    Returns:
        nn.Module: The same.
    """
    for module in model.modules():
        if isinstance(module, TopologyRefinement):
            module.__class__ = _AuthorsRefinement
    return model
