"""PR-GCN: poses are refined before position and motion are read, from real frames alone."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from mmaction.models.utils import Graph, unit_gcn, unit_tcn
from mmaction.registry import MODELS
from mmengine.model import BaseModule, ModuleList
from torch import Tensor, nn

from partkd.arguments import Whole, checked
from partkd.models.layers import MaskAware, channel_gate

KERNEL_SIZE = 3
# Added to the graph where it starts, so that every pair of joints can come to be linked.
FAINT_LINK = 1e-4


class PoseRefinement(nn.Module):
    """By how much the joints of a pose are off, and the pose without that.

    Args:
        in_channels (int): C.
        base_channels (int): Of the widest layer; the first ones have half of it.
        coordinates (int): How many of the C channels, from the first on, are refined.
        adjacency (Tensor): (K, V, V).
    """

    def __init__(
        self, in_channels: int, base_channels: int, coordinates: int, adjacency: Tensor
    ) -> None:
        super().__init__()
        narrow = (base_channels + 1) // 2
        self.shift = nn.Sequential(
            nn.Conv2d(in_channels, narrow, 1),
            _joints(narrow, narrow, adjacency),
            TemporalConvolution(narrow, base_channels),
            _joints(base_channels, base_channels, adjacency),
            nn.Conv2d(base_channels, coordinates, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(P, C, T, V) to the same; what it gives in padded frames says nothing."""
        shift = self.shift(x)
        return x + F.pad(shift, (0, 0, 0, 0, 0, x.shape[1] - shift.shape[1]))


class TemporalConvolution(nn.Module):
    """A convolution over three frames between two batch norms.

    Args:
        in_channels (int): C.
        out_channels (int): C'.
        stride (int): 1 or 2. Defaults to 1.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        # It has padded frames zero for the convolution.
        self.bn = nn.BatchNorm2d(in_channels)
        self.tcn = unit_tcn(in_channels, out_channels, KERNEL_SIZE, stride)

    def forward(self, x: Tensor) -> Tensor:
        """(P, C, T, V) to (P, C', T', V)."""
        return self.tcn(self.bn(x)).relu()


class ChannelWeights(MaskAware, nn.Module):
    """How much each channel matters, of its mean over joints and real frames.

    Args:
        channels (int): C.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.widen = nn.Linear(channels, 2 * channels)
        self.narrow = nn.Linear(2 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """(P, C, T, V) to the same."""
        return x * channel_gate(x, self.widen, self.narrow, self.frame_mask.at(x.shape[2]))


@MODELS.register_module()
class MaskedPRGCN(BaseModule):
    """PR-GCN (Li et al., arXiv 2010.07367), from real frames alone.

    A small network moves the joints first. Then two branches read the pose that comes of it: one
    where the joints are, one how they move from frame to frame. Five times what the motion branch
    has made is led over to the branch of positions, at the fewer frames of the two. Twice the
    frames are halved.

    Args:
        graph_cfg (dict): Config of the graph, see mmaction2's ``Graph``.
        in_channels (int): C of the input. Defaults to 3.
        base_channels (int): C of the branches; at the end there are four times as many. Defaults to
            64.
        coordinates (int): How many channels, from the first on, the refinement moves; others, as
            the score in 2D, it reads alone. Defaults to 2.
        init_cfg (dict | list[dict], optional): Of mmengine. Defaults to None.

    Raises:
        ValueError: If an argument is not what it may be, or there are more coordinates than
            channels.
    """

    @checked
    def __init__(
        self,
        graph_cfg: dict,
        in_channels: Whole = 3,
        base_channels: Whole = 64,
        coordinates: Whole = 2,
        init_cfg: dict | list | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if coordinates > in_channels:
            raise ValueError(
                f'MaskedPRGCN: coordinates is {coordinates}, and in_channels {in_channels}: set '
                'backbone.coordinates to the channels of in_channels that are coordinates'
            )
        adjacency = torch.tensor(Graph(**graph_cfg).A, dtype=torch.float32)
        wide = 2 * base_channels
        self.data_bn = nn.BatchNorm1d(adjacency.shape[1] * in_channels)
        self.refinement = PoseRefinement(in_channels, base_channels, coordinates, adjacency)
        self.position_in = TemporalConvolution(in_channels, base_channels)
        self.motion_in = TemporalConvolution(in_channels, base_channels)
        self.motion = ModuleList(
            [
                TemporalConvolution(base_channels, base_channels),
                TemporalConvolution(base_channels, base_channels, stride=2),
                _joints(base_channels, base_channels, adjacency),
                TemporalConvolution(base_channels, base_channels),
                TemporalConvolution(base_channels, base_channels, stride=2),
            ]
        )
        widths = [base_channels] * 4 + [wide]
        self.position = ModuleList(_joints(wide, width, adjacency) for width in widths)
        self.attention = ChannelWeights(wide)
        self.last = _joints(wide, 2 * wide, adjacency)

    def forward(self, x: Tensor) -> Tensor:
        """(N, M, T, V, C) to (N, M, C', T', V)."""
        clips, persons, _, joints, channels = x.shape
        x = self.data_bn(x.flatten(0, 1).permute(0, 2, 3, 1).flatten(1, 2))
        x = self.refinement(x.unflatten(1, (joints, channels)).permute(0, 2, 3, 1))
        position = self.position_in(x)
        for layer, motion in zip(self.position, self._motion_of(x), strict=True):
            if motion.shape[2] < position.shape[2]:
                # After a ReLU the zeros of padded frames are no maximum.
                position = F.max_pool2d(position, (2, 1), ceil_mode=True)
            position = layer(torch.cat([position, motion], 1))
        return self.last(self.attention(position)).unflatten(0, (clips, persons))

    def _motion_of(self, x: Tensor) -> Iterator[Tensor]:
        """What each layer of the motion branch makes of a pose (P, C, T, V)."""
        # The first frame has no motion.
        motion = self.motion_in(F.pad(x[:, :, 1:] - x[:, :, :-1], (0, 0, 1, 0)))
        for layer in self.motion:
            motion = layer(motion)
            yield motion


def _joints(in_channels: int, out_channels: int, adjacency: Tensor) -> unit_gcn:
    """A graph convolution whose graph is learned, with a way past it."""
    start = adjacency + FAINT_LINK
    return unit_gcn(in_channels, out_channels, start, adaptive='init', with_res=True)
