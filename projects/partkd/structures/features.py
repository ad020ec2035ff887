"""What a model takes, and what it says of clips."""

from dataclasses import dataclass

import torch
from torch import Tensor

# What both students and teachers know of a clip, by field.
CLIP_FEATURES = ('parts', 'segments', 'pooled', 'logits')


@dataclass
class SkeletonBatch:
    """A padded batch of clips, as the data preprocessor makes it.

    Args:
        keypoint (Tensor): Input channels of every joint, (N, M, T, V, C).
        frame_mask (Tensor, optional): True where a frame is real, (N, T) bool. None where
            every frame is.
        person_mask (Tensor, optional): True where a person is real, (N, M) bool. None where
            every person is.
    """

    keypoint: Tensor
    frame_mask: Tensor | None = None
    person_mask: Tensor | None = None

    def persons(self) -> tuple[Tensor, Tensor | None]:
        """The real persons of all clips, one after the other.

        Returns:
            tuple: Their channels (P, T, V, C) and their frame mask (P, T), or None.
        """
        num_persons = self.keypoint.shape[1]
        frame_mask = self.frame_mask
        if frame_mask is not None:
            frame_mask = frame_mask[:, None].expand(-1, num_persons, -1)
        if self.person_mask is None:
            return (
                self.keypoint.flatten(0, 1),
                None if frame_mask is None else frame_mask.flatten(0, 1),
            )
        return (
            self.keypoint[self.person_mask],
            None if frame_mask is None else frame_mask[self.person_mask],
        )

    def mean_over_persons(self, values: Tensor) -> Tensor:
        """Average what was computed for every real person over the persons of each clip.

        Args:
            values (Tensor): (P, ...), in the order of :meth:`persons`.

        Returns:
            Tensor: (N, ...).
        """
        num_clips, num_persons = self.keypoint.shape[:2]
        if self.person_mask is None:
            return values.unflatten(0, (num_clips, num_persons)).mean(1)
        clip = self.person_mask.nonzero()[:, 0]
        total = values.new_zeros(num_clips, *values.shape[1:]).index_add(0, clip, values)
        count = self.person_mask.sum(1).to(values.dtype)
        return total / count.view(-1, *[1] * (values.dim() - 1))


@dataclass
class SkeletonFeatures:
    """What a recogniser knows of each clip.

    Args:
        joints (Tensor): Joint-level features of every real person, z in the paper,
            (P, C, T', V).
        parts (Tensor): Part features f_p (Sec. 3.3.1), (N, 5, C).
        segments (Tensor): Part features of S stretches of time, in order, (N, S, 5, C).
        pooled (Tensor): The global feature vector, (N, C).
        logits (Tensor, optional): Class scores before softmax, (N, num_classes).
    """

    joints: Tensor
    parts: Tensor
    segments: Tensor
    pooled: Tensor
    logits: Tensor | None = None


@dataclass
class TeacherFeatures:
    """What K teacher clips have to say to N student clips. No gradient flows into it.

    Args:
        parts (Tensor): Part features, (K, 5, C).
        segments (Tensor): Part features of S stretches of time, (K, S, 5, C).
        pooled (Tensor): Global feature vectors, (K, C).
        logits (Tensor): Class scores before softmax, (K, num_classes).
        labels (Tensor): Ground truth, (K,) long.
        pair (Tensor): For each student clip the row of its own pair, or -1 for a solitary
            clip, (N,) long.
    """

    parts: Tensor
    segments: Tensor
    pooled: Tensor
    logits: Tensor
    labels: Tensor
    pair: Tensor

    @property
    def is_paired(self) -> Tensor:
        """Which student clips have their own high-quality pair, (N,) bool."""
        return self.pair >= 0

    def own(self, values: Tensor) -> Tensor:
        """The rows of ``values`` (K, ...) that belong to the paired student clips, in order."""
        return values[self.pair[self.is_paired]]

    def positives(self, labels: Tensor) -> Tensor:
        """B^P: clips of the student clip's class other than its own pair, (N, K) bool."""
        same = labels[:, None] == self.labels[None]
        rows = torch.arange(len(self.labels), device=labels.device)
        return same & (rows[None] != self.pair[:, None])

    def negatives(self, labels: Tensor) -> Tensor:
        """B^N: clips of the other classes, (N, K) bool."""
        return labels[:, None] != self.labels[None]
