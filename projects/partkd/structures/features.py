"""What a model takes, and what it says of clips."""

import copy
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

# What both students and teachers know of a clip: what a head or a loss can name in its `reads`.
CLIP_FEATURES = ('joints', 'parts', 'segments', 'pooled', 'logits')

_Features = TypeVar('_Features', bound='SkeletonFeatures')


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

    @classmethod
    def joined(cls, batches: Sequence['SkeletonBatch']) -> 'SkeletonBatch':
        """Several batches of one graph as one.

        Args:
            batches (Sequence[SkeletonBatch]): One or more.

        Returns:
            SkeletonBatch: Their clips in order, padded to the persons and frames of the largest,
            with masks where anything is padding.
        """
        if len(batches) == 1:
            return batches[0]
        persons, frames = (max(one.keypoint.shape[axis] for one in batches) for axis in (1, 2))

        def padded(one: SkeletonBatch) -> Tensor:
            missing = persons - one.keypoint.shape[1], frames - one.keypoint.shape[2]
            return F.pad(one.keypoint, (0, 0, 0, 0, 0, missing[1], 0, missing[0]))

        def masks(axis: int, size: int, marked: Sequence[Tensor | None]) -> Tensor | None:
            sizes = [one.keypoint.shape[axis] for one in batches]
            if all(mask is None for mask in marked) and min(sizes) == size:
                return None
            known = [
                one.keypoint.new_ones(len(one.keypoint), real, dtype=torch.bool)
                if mask is None
                else mask
                for one, real, mask in zip(batches, sizes, marked, strict=True)
            ]
            return torch.cat([F.pad(mask, (0, size - mask.shape[1])) for mask in known])

        return cls(
            torch.cat([padded(one) for one in batches]),
            frame_mask=masks(2, frames, [one.frame_mask for one in batches]),
            person_mask=masks(1, persons, [one.person_mask for one in batches]),
        )

    def persons(self) -> tuple[Tensor, Tensor | None]:
        """The real persons of all clips, one after the other.

        Returns:
            tuple: Their channels (P, T, V, C) and their frame mask (P, T), or None.
        """
        keypoint, frame_mask = self.keypoint.flatten(0, 1), self.frame_mask
        if frame_mask is not None:
            num_persons = self.keypoint.shape[1]
            frame_mask = frame_mask[:, None].expand(-1, num_persons, -1).flatten(0, 1)
        places = self._places
        if places is None:
            return keypoint, frame_mask
        return keypoint[places], None if frame_mask is None else frame_mask[places]

    def mean_over_persons(self, values: Tensor) -> Tensor:
        """Average what was computed for every real person over the persons of each clip.

        Args:
            values (Tensor): (P, ...), in the order of :meth:`persons`.

        Returns:
            Tensor: (N, ...).
        """
        num_clips, num_persons = self.keypoint.shape[:2]
        places = self._places
        if places is None or self.person_mask is None:
            return values.unflatten(0, (num_clips, num_persons)).mean(1)
        clip = places // num_persons
        total = values.new_zeros(num_clips, *values.shape[1:]).index_add(0, clip, values)
        count = self.person_mask.sum(1).to(values.dtype)
        return total / count.view(-1, *[1] * (values.dim() - 1))

    def spread_over_persons(self, values: Tensor) -> Tensor:
        """Put what was computed for every real person at the person's place in its clip.

        Args:
            values (Tensor): (P, ...), in the order of :meth:`persons`.

        Returns:
            Tensor: (N, M, ...), zero for a person that is not real.
        """
        num_clips, num_persons = self.keypoint.shape[:2]
        places = self._places
        if places is None:
            return values.unflatten(0, (num_clips, num_persons))
        spread = values.new_zeros(num_clips * num_persons, *values.shape[1:])
        spread[places] = values
        return spread.unflatten(0, (num_clips, num_persons))

    @cached_property
    def _places(self) -> Tensor | None:
        """Where among the N * M persons of the batch the real ones are, (P,) long.

        To count them a GPU is waited for: once, before it has much to do.
        """
        if self.person_mask is None:
            return None
        return self.person_mask.flatten().nonzero().flatten()


def tensors_of(reads: Collection[str]) -> tuple[str, ...]:
    """The tensors that hold some of :data:`CLIP_FEATURES`.

    Args:
        reads (Collection[str]): Names of features.

    Returns:
        tuple[str, ...]: Attributes of :class:`SkeletonFeatures`, in one order whatever that of
        ``reads``: the features themselves, and ``person_mask`` behind ``joints``.
    """
    together = dict(joints=('joints', 'person_mask'))
    names = (together.get(name, (name,)) for name in CLIP_FEATURES if name in reads)
    return tuple(tensor for tensors in names for tensor in tensors)


class SkeletonFeatures:
    """What a model, student or teacher, says of N clips.

    It holds what was computed for whoever reads it; reading something else is an error that says
    so.

    Joint-level features of a clip lie on a time axis of S_t steps, however long the clip: its real
    frames are cut evenly (:func:`partkd.models.necks.part_pooling.cut_evenly`), so that the two
    clips of a pair, which may differ in length and frame rate, meet step by step, as they do in
    segments. With as many steps as frames a step is a frame, with more of them frames repeat.
    Persons are in the order of the clip; M is that of the batch, or of the bank, so that the two
    sides of a pair may differ in it as in V (:meth:`TeacherFeatures.joints_of_pairs` puts them side
    by side).

    Args:
        **tensors (Tensor): By name, some of the attributes below.

    Attributes:
        joints (Tensor): Joint-level features of each person, means over the frames of each step,
            (N, M, S_t, V, C). Zero for a person that is not real.
        person_mask (Tensor): Beside ``joints``, True where a person is real, (N, M) bool;
            everywhere in batches of a fixed size, which mark nothing.
        parts (Tensor): Part features f_p (Sec. 3.3.1), (N, 5, C).
        segments (Tensor): Part features of S stretches of time, in order, (N, S, 5, C).
        pooled (Tensor): The global feature vector, (N, C).
        logits (Tensor): Class scores before softmax, (N, num_classes).
    """

    joints: Tensor
    person_mask: Tensor
    parts: Tensor
    segments: Tensor
    pooled: Tensor
    logits: Tensor
    _reader = ''

    def __init__(self, **tensors: Tensor) -> None:
        for name, value in tensors.items():
            setattr(self, name, value)

    def __getattr__(self, name: str) -> Tensor:
        """Only called for what is not there."""
        if name not in tensors_of(CLIP_FEATURES):
            raise AttributeError(f'{type(self).__name__} has no {name!r}')
        there = tuple(feature for feature in CLIP_FEATURES if feature in vars(self))
        if self._reader:
            feature = next(one for one in CLIP_FEATURES if name in tensors_of((one,)))
            raise AttributeError(
                f'{self._reader} reads {name!r}, which it does not declare: name {feature!r} in '
                f'its reads, which are {there}'
            )
        raise AttributeError(
            f'{name!r} was not computed, only {there}: ask for it, as by '
            "extract_feat(inputs, reads=('joints',))"
        )

    def replace(self: _Features, **tensors: Tensor) -> _Features:
        """A copy with other values of some tensors.

        Args:
            **tensors (Tensor): By name.
        """
        changed = copy.copy(self)
        for name, value in tensors.items():
            setattr(changed, name, value)
        return changed

    def only(self: _Features, reads: Collection[str], reader: str = '') -> _Features:
        """A copy with some of the features.

        Args:
            reads (Collection[str]): Names of features that are there.
            reader (str): Who declared to read them, for the error where it reads others. Defaults
                to ''.
        """
        kept = copy.copy(self)
        for name in set(tensors_of(CLIP_FEATURES)).difference(tensors_of(reads)):
            vars(kept).pop(name, None)
        kept._reader = reader
        return kept


class TeacherFeatures(SkeletonFeatures):
    """What K teacher clips have to say to N student clips.

    No gradient flows into what a frozen teacher says.

    Args:
        labels (Tensor): Ground truth, (K,) long.
        pair (Tensor): For each student clip the row of its own pair, or -1 for a solitary
            clip, (N,) long.
        **tensors (Tensor): Of the K clips, see :class:`SkeletonFeatures`: those that a loss reads.
    """

    def __init__(self, labels: Tensor, pair: Tensor, **tensors: Tensor) -> None:
        super().__init__(**tensors)
        self.labels = labels
        self.pair = pair

    @property
    def is_paired(self) -> Tensor:
        """Which student clips have their own high-quality pair, (N,) bool."""
        return self.pair >= 0

    def own(self, values: Tensor) -> Tensor:
        """What belongs to the paired student clips, in order.

        Args:
            values (Tensor): Of the teacher clips, (K, ...).

        Returns:
            Tensor: Its rows for the Q paired clips, (Q, ...).
        """
        return values[self.pair[self.is_paired]]

    def joints_of_pairs(self, student: SkeletonFeatures) -> tuple[Tensor, Tensor]:
        """Joint-level features of the persons that both clips of a pair have, side by side.

        Persons are matched by their place in the clip, the first with the first; those of a clip
        that shows more than its pair are left out.

        Args:
            student (SkeletonFeatures): Of the N student clips.

        Returns:
            tuple: The student's (Q, S_t, V, C) and the teacher's (Q, S_t, V', C'), for Q persons.

        Raises:
            ValueError: If their time axes differ.
        """
        mine, theirs = student.joints[self.is_paired], self.own(self.joints)
        if mine.shape[2] != theirs.shape[2]:
            raise ValueError(
                f'joints of the student have {mine.shape[2]} steps, of the teacher '
                f'{theirs.shape[2]}: set model.neck.num_steps of both to the same'
            )
        masks = student.person_mask[self.is_paired], self.own(self.person_mask)
        both = min(mine.shape[1], theirs.shape[1])
        real = masks[0][:, :both] & masks[1][:, :both]
        return mine[:, :both][real], theirs[:, :both][real]

    def positives(self, labels: Tensor) -> Tensor:
        """B^P: clips of the student clip's class other than its own pair.

        Args:
            labels (Tensor): Ground truth of the student clips, (N,) long.

        Returns:
            Tensor: (N, K) bool.
        """
        same = labels[:, None] == self.labels[None]
        rows = torch.arange(len(self.labels), device=labels.device)
        return same & (rows[None] != self.pair[:, None])

    def negatives(self, labels: Tensor) -> Tensor:
        """B^N: clips of the other classes.

        Args:
            labels (Tensor): Ground truth of the student clips, (N,) long.

        Returns:
            Tensor: (N, K) bool.
        """
        return labels[:, None] != self.labels[None]
