"""What a network has looked at, so that another one looks at the rest."""

import torch
from torch import Tensor

from partkd.structures import SkeletonBatch

from .frame_mask import downsample_mask


@torch.no_grad()
def activated_joints(
    z: Tensor, class_weights: Tensor, batch: SkeletonBatch, threshold: float
) -> Tensor:
    """The joints that speak for a class, by its activation map (Zhou et al., arXiv 1512.04150).

    The map is the scalar product of a joint's features with the class's weights in the classifier.
    A joint is activated at a step of time where its map is above ``threshold``, of a scale that is
    0 at the lowest and 1 at the highest value of the clip, over all joints of its real persons and
    frames. Where all are alike none is.

    Args:
        z (Tensor): Joint-level features of every real person, (P, C, T', V).
        class_weights (Tensor): The weights of each clip's class, (N, C).
        batch (SkeletonBatch): What the features were computed from.
        threshold (float): In [0, 1].

    Returns:
        Tensor: (P, T', V) bool; what it has in padded frames says nothing.
    """
    present = _present(batch)
    of_persons = _of_persons(class_weights.float(), present)
    activation = torch.einsum('pctv,pc->ptv', z.float(), of_persons)
    frame_mask = batch.persons()[1]
    lowest = highest = activation
    if frame_mask is not None:
        padded = ~downsample_mask(frame_mask, z.shape[2])[..., None]
        lowest = activation.masked_fill(padded, float('inf'))
        highest = activation.masked_fill(padded, float('-inf'))
    low = -_largest_of_clip(-lowest.amin((1, 2)), batch, present)
    high = _largest_of_clip(highest.amax((1, 2)), batch, present)
    return activation - low[:, None, None] > threshold * (high - low)[:, None, None]


def per_frame(steps: Tensor, num_frames: int, stride: int) -> Tensor:
    """What holds for the steps of time behind strides, frame by frame.

    Args:
        steps (Tensor): (P, T', V).
        num_frames (int): T, of which T' steps are left.
        stride (int): Frames from one step to the next.

    Returns:
        Tensor: (P, T, V); frame t has what its step, t // stride, has.
    """
    frames = torch.arange(num_frames, device=steps.device)
    return steps[:, torch.div(frames, stride, rounding_mode='floor')]


def _present(batch: SkeletonBatch) -> Tensor:
    """True where a person is computed, (N, M) bool."""
    if batch.person_mask is not None:
        return batch.person_mask
    return torch.ones_like(batch.keypoint[:, :, 0, 0, 0], dtype=torch.bool)


def _of_persons(values: Tensor, present: Tensor) -> Tensor:
    """Values of the clips, (N, ...), for each real person, (P, ...)."""
    return values[:, None].expand(*present.shape, *values.shape[1:])[present]


def _largest_of_clip(values: Tensor, batch: SkeletonBatch, present: Tensor) -> Tensor:
    """For each real person (P,) the largest of its clip's."""
    spread = batch.spread_over_persons(values).masked_fill(~present, float('-inf'))
    return _of_persons(spread.amax(1), present)
