"""From the joints of one pose graph to those of another."""

import torch
from torch import Tensor, nn

from partkd.layouts import PoseLayout, named_map


class AdaptiveGraphMap(nn.Module):
    """A learned linear map between the joints of two pose graphs.

    It starts with what the layouts say, see :func:`partkd.layouts.named_map`.

    Args:
        source (PoseLayout): Of the joints that are given, V_s.
        target (PoseLayout): Of those that are wanted, V_t.
    """

    def __init__(self, source: PoseLayout, target: PoseLayout) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.from_numpy(named_map(source, target)))

    def forward(self, keypoint: Tensor) -> Tensor:
        """Map joints.

        Args:
            keypoint (Tensor): (N, M, T, V_s, C).

        Returns:
            Tensor: (N, M, T, V_t, C).
        """
        return self.weight @ keypoint
