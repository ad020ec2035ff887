"""Networks with several input branches, which join halfway."""

from mmengine.model import BaseModule, ModuleList
from torch import Tensor, cat, nn


class BranchedNetwork(BaseModule):
    """What ResGCN and EfficientGCN have in common.

    Channels of the input are dealt out to branches in order, so many streams to each as
    :class:`SkeletonStreams` put there. Both take features (P, C, T, V) of P persons.

    Args:
        branches (list[nn.Module]): Each begins with its share of the input's channels.
        main (nn.Module): Takes the channels of all branches side by side.
        init_cfg (dict | list[dict], optional): Of mmengine. Defaults to None, He et al.'s.
    """

    def __init__(
        self, branches: list[nn.Module], main: nn.Module, init_cfg: dict | list | None = None
    ) -> None:
        kaiming = dict(type='Kaiming', layer=['Conv1d', 'Conv2d', 'Linear'], mode='fan_out')
        super().__init__(init_cfg or kaiming)
        self.branches = ModuleList(branches)
        self.main = main

    def forward(self, x: Tensor) -> Tensor:
        """(N, M, T, V, C) to (N, M, C', T', V)."""
        clips, persons = x.shape[:2]
        shares = x.flatten(0, 1).permute(0, 3, 1, 2).chunk(len(self.branches), 1)
        joined = cat([branch(share) for branch, share in zip(self.branches, shares)], 1)
        return self.main(joined).unflatten(0, (clips, persons))


def channels_of_a_branch(in_channels: int, num_branches: int, network: str) -> int:
    """How many of the input's channels each branch gets.

    Args:
        in_channels (int): Of the input.
        num_branches (int): How many branches there are.
        network (str): Name of the class, for the error.

    Returns:
        int: The same for each.

    Raises:
        ValueError: If they cannot be dealt out evenly.
    """
    channels, rest = divmod(in_channels, num_branches)
    if rest or not channels:
        raise ValueError(
            f'{network}: {in_channels} input channels cannot be dealt out to {num_branches} '
            'branches: give SkeletonStreams as many streams for each (docs/extending.md), or set '
            'num_branches'
        )
    return channels
