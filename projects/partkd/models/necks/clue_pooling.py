from collections.abc import Collection
from typing import Literal

import torch
from mmaction.registry import MODELS
from torch import Tensor

from partkd.arguments import Whole, checked
from partkd.layouts import PART_NAMES, PoseLayout, get_layout
from partkd.models.layers import ClueEncoder
from partkd.structures import SkeletonBatch, SkeletonFeatures

from .part_pooling import PartPooling


@MODELS.register_module()
class CluePooling(PartPooling):
    """Part pooling whose global feature vector is a temporal and a spatial clue (SCD-Net).

    Joint-level features of a person lie on a time axis of S_t steps. A temporal token is all that
    one step has, a spatial token all that one joint has (arXiv 2309.05834; in the authors' code
    a temporal token has both persons). Each kind goes through a :class:`ClueEncoder` of its own.
    With ``units='parts'`` the five parts are in the place of the joints, so that skeletons of any
    layout have the same tokens, and the same weights read them.

    Args:
        layout (str | dict | PoseLayout): The pose graph. An encoder fills in its own.
        in_channels (int): C of the backbone's output.
        width (int): W, of each of the two clues. Defaults to 2048.
        num_heads (int): Of the attention. Defaults to 8.
        units (str): What a spatial token is of, ``'parts'`` or ``'joints'``. Defaults to
            ``'parts'``.
        separate (bool): Whether the first half of the channels is a branch that the temporal clue
            is read of, and the second one that of the spatial clue, see :class:`TwinNetwork`.
            Defaults to False: both are read of all channels.
        num_steps (int): S_t. Defaults to 16.
        trunk (str): See :class:`PartPooling`. Defaults to ``'ignore'``.
        num_segments (int): See :class:`PartPooling`. Defaults to 1.
    """

    @checked
    def __init__(
        self,
        layout: str | dict | PoseLayout,
        in_channels: Whole,
        width: Whole = 2048,
        num_heads: Whole = 8,
        units: Literal['parts', 'joints'] = 'parts',
        separate: bool = False,
        num_steps: Whole = 16,
        trunk: Literal['ignore', 'head'] = 'ignore',
        num_segments: Whole = 1,
    ) -> None:
        super().__init__(layout, trunk, num_segments=num_segments, num_steps=num_steps)
        if width % num_heads:
            raise ValueError(
                f'CluePooling: num_heads={num_heads} do not divide width={width}: set one so that '
                'they do'
            )
        if separate and in_channels % 2:
            raise ValueError(
                f'CluePooling: in_channels={in_channels} are no two branches alike: set '
                'separate=False, or take a TwinNetwork as the backbone'
            )
        self.width = width
        self.units = units
        self.separate = separate
        channels = in_channels // 2 if separate else in_channels
        num_units = len(PART_NAMES) if units == 'parts' else get_layout(layout).num_joints
        self.temporal = ClueEncoder(num_units * channels, width, num_heads)
        self.spatial = ClueEncoder(num_steps * channels, width, num_heads)

    def forward(
        self, z: Tensor, batch: SkeletonBatch, reads: Collection[str] = ()
    ) -> SkeletonFeatures:
        """Pool the backbone's output.

        Args:
            z (Tensor): Joint-level features of every real person, (P, C, T', V).
            batch (SkeletonBatch): What they were computed from.
            reads (Collection[str]): See :class:`PartPooling`. Defaults to ().

        Returns:
            SkeletonFeatures: As of :class:`PartPooling`, but ``pooled`` (N, 2 W): the temporal
            clue, then the spatial one, means over persons.
        """
        features = super().forward(z, batch, reads)
        steps = self.over_steps(z, batch)
        if self.units == 'parts':
            steps = torch.einsum('psvc,kv->pskc', steps, self.averaging.to(z.dtype))
        of_time, of_space = steps.chunk(2, -1) if self.separate else (steps, steps)
        clues = [
            self.temporal(of_time.flatten(2)),
            self.spatial(of_space.transpose(1, 2).flatten(2)),
        ]
        return features.replace(pooled=batch.mean_over_persons(torch.cat(clues, 1)))
