"""From the joints of one pose graph to those of another."""

import torch
from torch import Tensor, nn

from partkd.layouts import PoseLayout


class AdaptiveGraphMap(nn.Module):
    """A learned linear map between the joints of two pose graphs.

    It starts with what the layouts say: a joint that both have is itself, any other one is the mean
    of the joints of its part, or of the trunk, in the other graph.

    Args:
        source (PoseLayout): Of the joints that are given, V_s.
        target (PoseLayout): Of those that are wanted, V_t.
    """

    def __init__(self, source: PoseLayout, target: PoseLayout) -> None:
        super().__init__()
        self.weight = nn.Parameter(named_map(source, target))

    def forward(self, keypoint: Tensor) -> Tensor:
        """Map joints.

        Args:
            keypoint (Tensor): (N, M, T, V_s, C).

        Returns:
            Tensor: (N, M, T, V_t, C).
        """
        return self.weight @ keypoint


def named_map(source: PoseLayout, target: PoseLayout) -> Tensor:
    """What two layouts say of each other's joints.

    Args:
        source (PoseLayout): Of V_s joints.
        target (PoseLayout): Of V_t joints.

    Returns:
        Tensor: (V_t, V_s), each row sums to 1.
    """
    weights = torch.zeros(target.num_joints, source.num_joints)
    for joint, name in enumerate(target.joints):
        if name in source.joints:
            weights[joint, source.joints.index(name)] = 1
            continue
        part = target.part_of(joint)
        alike = source.trunk if part is None else source.parts[part]
        alike = alike or tuple(range(source.num_joints))
        weights[joint, list(alike)] = 1 / len(alike)
    return weights
