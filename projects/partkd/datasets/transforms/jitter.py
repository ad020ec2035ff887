"""Joints that are found beside where they are."""

from dataclasses import replace

import torch
from mmaction.registry import TRANSFORMS
from torch import Tensor

from partkd.arguments import Count, Fraction, NotNegative, checked
from partkd.structures import ClipBatch

from .degradation import Degradation
from .normalize_2d import TORSOS_PER_BODY


@TRANSFORMS.register_module()
class JointJitter(Degradation):
    """Moves joints by normal noise, each joint of a person in each frame on its own.

    As in RA-GCN (Song et al., TCSVT 2020), but that its noise is the same on all axes and in
    metres. Here it is in lengths of the torso, so that it is the same for pixels, metres and what
    is normalised. A torso is about half a metre, so its deviations of .05 and .1 are .1 and .2.

    Args:
        prob (float): Probability that a joint is moved in a frame. Those that are at one
            probability are so, and as far, at every higher one.
        deviation (float): Standard deviation on each axis in lengths of the torso, hip centre to
            shoulder centre, of the clip's median.
        seed (int): Seed in test. Defaults to 0.
    """

    @checked
    def __init__(self, prob: Fraction, deviation: NotNegative, seed: Count = 0) -> None:
        self.prob, self.deviation, self.seed = prob, deviation, seed

    def apply(self, batch: ClipBatch) -> ClipBatch:
        """Moves joints that are there.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: With other coordinates; scores stay.
        """
        keypoint = batch.keypoint
        joints, channels = keypoint.shape[3:]
        moved = self.draw(batch, joints, key='which move/') < self.prob
        moved &= (batch.scores > 0) | keypoint.ne(0).any(-1)
        noise = self.draw(batch, joints * channels, normal=True, key='how far/')
        length = self.deviation * torso_lengths(batch).view(-1, 1, 1, 1, 1)
        shift = length * noise.unflatten(-1, (joints, channels)) * moved[..., None]
        return replace(batch, keypoint=keypoint + shift.to(keypoint.dtype))

    def __repr__(self) -> str:
        settings = f'prob={self.prob}, deviation={self.deviation}, seed={self.seed}'
        return f'{type(self).__name__}({settings})'


def torso_lengths(batch: ClipBatch) -> Tensor:
    """Median length of the torso in each clip.

    Where a clip never shows one it is a third of the median extent of the body, as in
    :class:`NormalizePose2D`.

    Args:
        batch (ClipBatch): The clips.

    Returns:
        Tensor: (N,); 0 where nobody is seen.
    """
    keypoint, seen = batch.keypoint, batch.scores > 0
    ends = [
        _middle(keypoint, seen, joints) for joints in (batch.layout.hips, batch.layout.shoulders)
    ]
    torso = (ends[1] - ends[0]).norm(dim=-1).flatten(1)
    mask = seen[..., None]
    low = keypoint.masked_fill(~mask, torch.inf).amin(3)
    high = keypoint.masked_fill(~mask, -torch.inf).amax(3)
    extent = (high - low).amax(-1).flatten(1)
    extent = extent.masked_fill(extent < 0, torch.nan).nanmedian(1).values / TORSOS_PER_BODY
    length = torso.nanmedian(1).values
    return torch.where(length > 0, length, extent).nan_to_num(0)


def _middle(keypoint: Tensor, seen: Tensor, joints: tuple[int, ...]) -> Tensor:
    """Mean position of those that are seen, (N, M, T, C); NaN where none is."""
    weight = seen[:, :, :, list(joints), None].to(keypoint.dtype)
    return (keypoint[:, :, :, list(joints)] * weight).sum(3) / weight.sum(3)
