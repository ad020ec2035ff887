"""Layers that compute in the order of their authors' code, where ours found a shorter way."""

from torch import Tensor, nn

from partkd.models.backbones.masked_ctrgcn import TopologyGraphConvolution, TopologyRefinement


class _AuthorsRefinement(TopologyRefinement):
    """As in CTR-GCN's code: joints are compared by means over time of what 1x1 convolutions give of
    every frame; here the convolutions see the mean alone, which gives the same."""

    def forward(
        self, x: Tensor, mean: Tensor, shared: Tensor, alpha: Tensor
    ) -> tuple[Tensor, Tensor]:
        one, other = self.conv1(x).mean(-2), self.conv2(x).mean(-2)
        differences = one.unsqueeze(-1) - other.unsqueeze(-2)
        topology = shared + alpha * self.conv4(differences.tanh())
        return self.conv3(x), topology.transpose(2, 3)


class _AuthorsConvolution(TopologyGraphConvolution):
    """As there: each subset's product is computed, and then added."""

    def aggregate(self, x: Tensor, mask: Tensor | None) -> Tensor:
        total = x.new_zeros(())
        for convolve, shared in zip(self.convs, self.PA, strict=True):
            features, by = convolve(x, x, shared, self.alpha)
            total = total + features @ by
        return total


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
        elif isinstance(module, TopologyGraphConvolution):
            module.__class__ = _AuthorsConvolution
    return model
