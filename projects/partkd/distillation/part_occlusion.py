"""What hiding one part after the other does to the clips of a batch."""

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor

from partkd.structures import SkeletonBatch, require_finite

from .frozen_teacher import DIVERGED, FrozenTeacher


def part_harm(
    teacher: FrozenTeacher,
    batch: SkeletonBatch,
    labels: Tensor,
    filling: Tensor,
    clean: Tensor | None = None,
) -> Tensor:
    """What occluding each part does to each clip, with all parts in one forward pass.

    Args:
        teacher (FrozenTeacher): Loaded.
        batch (SkeletonBatch): N clips, on the teacher's device.
        labels (Tensor): Their classes, (N,) long.
        filling (Tensor): What stands in for an occluded joint, (V, C).
        clean (Tensor, optional): Logits of the clips as they are, (N, num_classes). Defaults to
            None.

    Returns:
        Tensor: (N, 5) float32: where there are clean logits the rise of the cross entropy over
        theirs, else 1 where an occluded clip is misclassified.

    Raises:
        NonFiniteError: If the teacher's logits are infinite or no numbers.
    """
    member = teacher.model.neck.averaging > 0
    copies, clips = len(member), len(labels)
    logits = teacher.extract(occlude_parts(batch, member, filling), ('logits',)).logits
    require_finite(dict(logits=logits), 'the teacher, on clips with a part occluded', DIVERGED)
    if clean is None:
        return (logits.unflatten(0, (copies, clips)).argmax(-1) != labels).float().T
    after = F.cross_entropy(logits, labels.repeat(copies), reduction='none')
    return (after.view(copies, clips) - F.cross_entropy(clean, labels, reduction='none')).T


def occlude_parts(batch: SkeletonBatch, member: Tensor, filling: Tensor) -> SkeletonBatch:
    """Copies of the clips, in each of which other joints are hidden.

    Args:
        batch (SkeletonBatch): N clips.
        member (Tensor): True for the joints that are hidden in each of the K copies, (K, V) bool.
        filling (Tensor): What stands in for a hidden joint, (V, C). Frames of which nothing was
            seen stay zero.

    Returns:
        SkeletonBatch: K * N clips: all with the first joints hidden, then all with the second, ...
    """
    present = batch.keypoint.ne(0).any(-1).any(-1)[..., None, None]
    hidden = torch.where(present, filling, 0.0)
    keypoint = torch.where(member[:, None, None, None, :, None], hidden, batch.keypoint)
    masks = (batch.frame_mask, batch.person_mask)
    return SkeletonBatch(
        keypoint.flatten(0, 1), *(m if m is None else m.repeat(len(member), 1) for m in masks)
    )


def joint_means(batches: Iterable[SkeletonBatch]) -> Tensor:
    """The mean of each joint over all frames in which it is there.

    Args:
        batches (Iterable[SkeletonBatch]): The clips.

    Returns:
        Tensor: (V, C) float32; zero for a joint that is nowhere.
    """
    total = torch.zeros((), dtype=torch.float64)
    count = torch.zeros((), dtype=torch.long)
    for batch in batches:
        frames = batch.keypoint.flatten(0, 2)
        total = total + frames.sum(0, dtype=torch.float64)
        count = count + frames.ne(0).any(-1, keepdim=True).sum(0)
    return (total / count.clamp(min=1)).float()
