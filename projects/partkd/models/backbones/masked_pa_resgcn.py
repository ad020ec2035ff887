"""PA-ResGCN, from real frames alone."""

import torch
from mmaction.registry import MODELS
from torch import Tensor, nn

from partkd.arguments import Whole, checked
from partkd.models.layers import HopGraphConvolution, MaskAware, hop_adjacency, mean_over_frames

from .branched_network import BranchedNetwork, channels_of_a_branch
from .graph_network import shortcut

KERNEL_SIZE = 9
REDUCTION = 4


class ResidualBlock(nn.Module):
    """Joints, then frames, and a way past both ("basic" block, Sec. 3.2).

    Args:
        in_channels (int): C.
        out_channels (int): C'.
        adjacency (Tensor): (K, V, V).
        stride (int): 1 or 2. Defaults to 1.
        has_residual (bool): Whether there is a way past. Defaults to True.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        adjacency: Tensor,
        stride: int = 1,
        has_residual: bool = True,
    ) -> None:
        super().__init__()
        self.graph = HopGraphConvolution(in_channels, out_channels, adjacency)
        self.graph_bn = nn.BatchNorm2d(out_channels)
        self.conv = nn.Conv2d(
            out_channels, out_channels, (KERNEL_SIZE, 1), (stride, 1), (KERNEL_SIZE // 2, 0)
        )
        self.conv_bn = nn.BatchNorm2d(out_channels)
        self.residual = shortcut(in_channels, out_channels, stride) if has_residual else None

    def forward(self, x: Tensor) -> Tensor:
        """(P, C, T, V) to (P, C', T', V)."""
        y = self.conv_bn(self.conv(self.graph_bn(self.graph(x)).relu()))
        return (y if self.residual is None else y + self.residual(x)).relu()


class PartAttention(MaskAware, nn.Module):
    """How much each body part matters in each channel (Sec. 3.3), with the way past it.

    Args:
        channels (int): C.
        parts (tuple[tuple[int, ...], ...]): The joints of each part; every joint is in one.
    """

    part_of: Tensor

    def __init__(self, channels: int, parts: tuple[tuple[int, ...], ...]) -> None:
        super().__init__()
        narrow = channels // REDUCTION
        self.squeeze = nn.Linear(channels, narrow)
        self.squeeze_bn = nn.BatchNorm1d(narrow)
        self.excite = nn.Linear(narrow, channels * len(parts))
        self.bn = nn.BatchNorm2d(channels)
        part_of = {joint: part for part, joints in enumerate(parts) for joint in joints}
        in_order = torch.tensor([part_of[joint] for joint in sorted(part_of)])
        self.register_buffer('part_of', in_order, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(P, C, T, V) to the same."""
        pooled = mean_over_frames(x, self.frame_mask.at(x.shape[2])).mean(-1)
        hidden = self.squeeze_bn(self.squeeze(pooled)).relu()
        gates = self.excite(hidden).unflatten(1, (x.shape[1], -1)).softmax(-1)
        return (self.bn(x * gates[:, :, None, self.part_of]) + x).relu()


@MODELS.register_module()
class MaskedPAResGCN(BranchedNetwork):
    """PA-ResGCN (Song et al., arXiv 2010.09978), from real frames alone.

    The defaults are those of PA-ResGCN-B19. Each input branch ends at half the base channels; the
    main stream has blocks of two and of four times as many, each stretch of which halves the
    frames, and attention over the five parts of the layout, with the trunk in the head's.

    Args:
        graph_cfg (dict): Config of the graph, see mmaction2's ``Graph``, of which the layout
            counts, with its ``parts``.
        in_channels (int): C of the input, as many for each branch. Defaults to 18, six streams of
            three dimensions: ``joint``, ``centred_joint``, ``joint_motion``, ``two_frame_motion``,
            ``bone``, ``bone_angle``.
        num_branches (int): Input branches. Defaults to 3.
        base_channels (int): C of the first blocks, a multiple of 2. Defaults to 64.
        num_blocks (tuple[int, int, int]): Blocks of a branch behind its first, and of the two
            stretches of the main stream. Defaults to (2, 3, 3).
        init_cfg (dict | list[dict], optional): Of mmengine. Defaults to None.

    Raises:
        ValueError: If an argument is not what it may be.
    """

    @checked
    def __init__(
        self,
        graph_cfg: dict,
        in_channels: Whole = 18,
        num_branches: Whole = 3,
        base_channels: Whole = 64,
        num_blocks: tuple[Whole, Whole, Whole] = (2, 3, 3),
        init_cfg: dict | list | None = None,
    ) -> None:
        adjacency = hop_adjacency(graph_cfg)
        layout = graph_cfg['layout']
        if not isinstance(layout, dict) or 'parts' not in layout:
            raise ValueError(
                f'MaskedPAResGCN: the layout {layout!r} of graph_cfg says nothing of parts: '
                'build it in a SkeletonRecognizer, which fills in its own, or give '
                'partkd.layouts.get_layout(...).graph_cfg()'
            )
        channels = channels_of_a_branch(in_channels, num_branches, type(self).__name__)
        narrow = base_channels // 2
        ends = [base_channels] * (num_blocks[0] - 1) + [narrow]
        branches: list[nn.Module] = [
            nn.Sequential(
                nn.BatchNorm2d(channels),
                ResidualBlock(channels, base_channels, adjacency, has_residual=False),
                *(ResidualBlock(base_channels, width, adjacency) for width in ends),
            )
            for _ in range(num_branches)
        ]
        layers: list[nn.Module] = []
        start = num_branches * narrow
        for width, blocks in zip((2 * base_channels, 4 * base_channels), num_blocks[1:]):
            for number in range(blocks):
                stride = 1 if number else 2
                layers.append(ResidualBlock(start, width, adjacency, stride))
                layers.append(PartAttention(width, layout['parts']))
                start = width
        super().__init__(branches, nn.Sequential(*layers), init_cfg)
