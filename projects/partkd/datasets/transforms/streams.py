"""What the network sees: joints, bones and their motion."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, get_args

import torch
from mmaction.registry import TRANSFORMS
from torch import Tensor

from partkd.arguments import checked
from partkd.structures import ClipBatch

from .base import CoordinateBatchTransform, DeterministicTransform

Stream = Literal[
    'joint',
    'bone',
    'joint_motion',
    'bone_motion',
    'centred_joint',
    'two_frame_motion',
    'bone_angle',
]
STREAMS = get_args(Stream)


@TRANSFORMS.register_module()
class SkeletonStreams(DeterministicTransform, CoordinateBatchTransform):
    """Computes streams and concatenates them on the channels, in the order given.

    A bone is a joint minus its neighbour towards the centre (``layout.bones()``), 0 at the
    centre. Motion is the next frame minus this one, 0 in the last frame. Both are exactly 0
    where one of the two has no position: a missing joint makes no bone to the origin.

    Three more are those of ResGCN and EfficientGCN (arXiv 2010.09978, 2106.15125), 0 in the same
    way: a joint seen from the centre of the layout (their code takes the spine), motion over two
    frames, and the angles between a bone and the axes, ``arccos(b_i / |b|)`` in radians.

    Args:
        streams (Sequence[str]): Of ``'joint'``, ``'bone'``, ``'joint_motion'``,
            ``'bone_motion'``, ``'centred_joint'``, ``'two_frame_motion'``, ``'bone_angle'``.
            Defaults to ``('joint',)``.
        with_score (bool): Adds ``keypoint_score`` as one last channel. Defaults to False.
    """

    @checked
    def __init__(self, streams: Sequence[Stream] = ('joint',), with_score: bool = False) -> None:
        if not streams:
            raise ValueError(f'SkeletonStreams: streams=(): name some of {", ".join(STREAMS)}')
        self.streams = tuple(streams)
        self.with_score = with_score

    def treats_frames_alone(self, test_mode: bool) -> bool:
        """Motion does not."""
        return not any(name.endswith('motion') for name in self.streams)

    def apply(self, batch: ClipBatch) -> ClipBatch:
        """Replaces coordinates by streams.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: ``keypoint`` is (N, M, T, V, C * len(streams) + with_score), and
            ``streams`` names what it holds.
        """
        names = self.streams + ('score',) * self.with_score
        if names == ('joint',):
            return replace(batch, streams=names)
        there = (batch.scores > 0) | batch.keypoint.ne(0).any(-1)
        channels = [_stream(name, batch, there) for name in self.streams]
        if self.with_score:
            channels.append(batch.scores[..., None])
        return replace(batch, keypoint=torch.cat(channels, -1), streams=names)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(streams={self.streams}, with_score={self.with_score})'


def _stream(name: str, batch: ClipBatch, there: Tensor) -> Tensor:
    values = batch.keypoint
    if name.startswith('bone') or name == 'centred_joint':
        layout = batch.layout
        centre = (layout.centre,) * layout.num_joints
        starts = centre if name == 'centred_joint' else layout.bones()
        values, there = _seen_from(torch.tensor(starts, device=values.device), values, there)
    if name == 'bone_angle':
        return _angles(values)
    if name.endswith('motion'):
        return _motion(values, there, 2 if name == 'two_frame_motion' else 1)
    return values


def _seen_from(starts: Tensor, values: Tensor, there: Tensor) -> tuple[Tensor, Tensor]:
    """Each joint minus another one, (V,) which, and where both are there."""
    there = there & there.index_select(3, starts)
    return (values - values.index_select(3, starts)) * there[..., None], there


def _angles(bones: Tensor) -> Tensor:
    length = bones.norm(dim=-1, keepdim=True)
    is_bone = length > 0
    cosines = bones / length.where(is_bone, 1)
    return cosines.clamp(-1, 1).arccos() * is_bone


def _motion(values: Tensor, there: Tensor, frames: int) -> Tensor:
    motion = torch.zeros_like(values)
    if frames < values.shape[2]:
        both = there[:, :, frames:] & there[:, :, :-frames]
        motion[:, :, :-frames] = (values[:, :, frames:] - values[:, :, :-frames]) * both[..., None]
    return motion
