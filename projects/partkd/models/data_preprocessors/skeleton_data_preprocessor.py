from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from partkd.datasets import ClipBatch, PendingBatch
from partkd.structures import SkeletonBatch


@MODELS.register_module()
class SkeletonDataPreprocessor(BaseDataPreprocessor):
    """Ragged clips to one padded batch with frame and person masks, on the model's device.

    Args:
        padding (str): ``'batch'`` pads to the longest clip and the most persons of the batch
            and marks what is real, so that the model computes on nothing else. ``'fixed'`` is
            the paper's form (Sec. 4.3) and mmaction2's: zeros up to ``num_frames`` frames and
            ``num_persons`` persons, the excess discarded, nothing marked. Defaults to
            ``'batch'``.
        num_frames (int): T of ``'fixed'``. Defaults to 300.
        num_persons (int): M of ``'fixed'``. Defaults to 2.
    """

    def __init__(self, padding: str = 'batch', num_frames: int = 300, num_persons: int = 2) -> None:
        super().__init__()
        if padding not in ('batch', 'fixed'):
            raise ValueError(f"padding must be 'batch' or 'fixed', got {padding!r}")
        self.padding = padding
        self.num_frames = num_frames
        self.num_persons = num_persons

    def forward(self, data: dict, training: bool = False) -> dict:
        """Collate what the data loader gives.

        Args:
            data (dict): ``inputs``: list of N tensors (M, T, V, C); ``data_samples``: list of
                N; ``teacher_inputs`` (optional): list of N tensors (M, T, V, C), or None for a
                clip without its pair at hand. Or ``inputs`` alone, a list of one
                :class:`PendingBatch`.
            training (bool): Not used; part of mmengine's interface.

        Returns:
            dict: ``inputs`` (:obj:`SkeletonBatch`), ``data_samples`` and ``teacher_inputs``
            (:obj:`SkeletonBatch` of the clips that have one, or None).
        """
        if isinstance(data['inputs'][0], PendingBatch):
            return self._finish(data['inputs'][0])
        data = self.cast_data(data)
        teacher_inputs = [clip for clip in data.get('teacher_inputs', []) if clip is not None]
        return dict(
            inputs=self.collate(data['inputs']),
            data_samples=data.get('data_samples'),
            teacher_inputs=self.collate(teacher_inputs) if teacher_inputs else None,
        )

    def _finish(self, pending: PendingBatch) -> dict:
        """What :meth:`forward` returns, of a batch that comes as one."""
        teacher = pending.teacher
        return dict(
            inputs=self._cut(pending.finish(self.device)),
            data_samples=pending.data_samples(self.device),
            teacher_inputs=self._cut(teacher.finish(self.device)) if teacher else None,
        )

    def _cut(self, clips: ClipBatch) -> SkeletonBatch:
        """Masks a padded batch, or brings it to the fixed size."""
        keypoint = clips.keypoint
        if self.padding == 'fixed':
            persons, frames = keypoint.shape[1:3]
            if (persons, frames) != (self.num_persons, self.num_frames):
                # Negative padding cuts.
                missing = self.num_frames - frames, self.num_persons - persons
                keypoint = F.pad(keypoint, (0, 0, 0, 0, 0, missing[0], 0, missing[1]))
            return SkeletonBatch(keypoint.contiguous())
        return SkeletonBatch(
            keypoint.contiguous(),
            frame_mask=_prefix_mask(clips.frames.tolist(), keypoint.device),
            person_mask=_prefix_mask(clips.persons.tolist(), keypoint.device),
        )

    def collate(self, clips: Sequence[Tensor]) -> SkeletonBatch:
        """Pad clips of shape (M, T, V, C) to one batch.

        Raises:
            ValueError: If the clips differ in joints or channels.
        """
        shapes = {tuple(clip.shape[2:]) for clip in clips}
        if len(shapes) > 1:
            raise ValueError(
                'clips of one batch must agree in (joints, channels), got '
                f'{sorted(shapes)}: use one layout and one pipeline for a data set'
            )
        if self.padding == 'fixed':
            clips = [clip[: self.num_persons, : self.num_frames] for clip in clips]
            return SkeletonBatch(_pad(clips, self.num_persons, self.num_frames))
        persons, frames = ([clip.shape[axis] for clip in clips] for axis in (0, 1))
        return SkeletonBatch(
            _pad(clips, max(persons), max(frames)),
            frame_mask=_prefix_mask(frames, clips[0].device),
            person_mask=_prefix_mask(persons, clips[0].device),
        )


def _pad(clips: Sequence[Tensor], num_persons: int, num_frames: int) -> Tensor:
    """Zero-pad clips (M, T, V, C) to (N, num_persons, num_frames, V, C)."""
    if all(clip.shape[:2] == (num_persons, num_frames) for clip in clips):
        return torch.stack(list(clips))
    batch = clips[0].new_zeros(len(clips), num_persons, num_frames, *clips[0].shape[2:])
    for row, clip in zip(batch, clips, strict=True):
        row[: clip.shape[0], : clip.shape[1]] = clip
    return batch


def _prefix_mask(lengths: Sequence[int], device: torch.device) -> Tensor | None:
    """True in the first ``lengths`` of their maximum, (N, maximum); None where all are True."""
    if min(lengths) == max(lengths):
        return None
    places = torch.arange(max(lengths), device=device)
    return places[None] < torch.tensor(lengths, device=device)[:, None]
