from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from partkd.arguments import Whole, checked
from partkd.structures import ClipBatch, PendingBatch, SkeletonBatch


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
        pad_frames_divisor (int): ``'batch'`` pads on to a number of frames that this divides, so
            that a compiled model meets few lengths. Defaults to 1.
    """

    _device: torch.device  # mmengine's

    @checked
    def __init__(
        self,
        padding: Literal['batch', 'fixed'] = 'batch',
        num_frames: Whole = 300,
        num_persons: Whole = 2,
        pad_frames_divisor: Whole = 1,
    ) -> None:
        super().__init__()
        self.padding = padding
        self.num_frames = num_frames
        self.num_persons = num_persons
        self.pad_frames_divisor = pad_frames_divisor

    @property
    def padding_settings(self) -> dict:
        """What decides which frames and persons a network computes on."""
        if self.padding == 'batch':
            return dict(padding='batch')
        return dict(padding='fixed', num_frames=self.num_frames, num_persons=self.num_persons)

    def _apply(self, fn: Callable, *args: Any, **kwargs: Any) -> 'SkeletonDataPreprocessor':
        """Follow any module that this is a part of to its device; mmengine follows models only."""
        self._device = fn(torch.empty(0, device=self._device)).device
        return super()._apply(fn, *args, **kwargs)

    def forward(self, data: dict, training: bool = False) -> dict:
        """Collate what the data loader gives.

        Args:
            data (dict): ``inputs``: list of N tensors (M, T, V, C); ``data_samples``: list of
                N; ``teacher_inputs`` (optional): list of N tensors (M, T, V, C), or None for a
                clip without its pair at hand. Or ``inputs`` alone, a list with a
                :class:`PendingBatch` of each data set.
            training (bool): Not used; part of mmengine's interface.

        Returns:
            dict: ``inputs`` (:obj:`SkeletonBatch`), ``data_samples`` and ``teacher_inputs``
            (:obj:`SkeletonBatch` of the clips that have one, or None).
        """
        if isinstance(data['inputs'][0], PendingBatch):
            return self._finish(data['inputs'])
        data = self.cast_data(data)
        teacher_inputs = [clip for clip in data.get('teacher_inputs', []) if clip is not None]
        return dict(
            inputs=self.collate(data['inputs']),
            data_samples=data.get('data_samples'),
            teacher_inputs=self.collate(teacher_inputs) if teacher_inputs else None,
        )

    def _finish(self, pending: Sequence[PendingBatch]) -> dict:
        """What :meth:`forward` returns, of clips that come as one batch a data set."""
        teachers = [one.teacher for one in pending if one.teacher is not None]
        return dict(
            inputs=self._joined(pending),
            data_samples=[s for one in pending for s in one.data_samples(self.device)],
            teacher_inputs=self._joined(teachers) if teachers else None,
        )

    def _joined(self, pending: Sequence[PendingBatch]) -> SkeletonBatch:
        clips = [self._cut(one.finish(self.device)) for one in pending]
        _require_alike(one.keypoint.shape[3:] for one in clips)
        return SkeletonBatch.joined(clips)

    def _cut(self, clips: ClipBatch) -> SkeletonBatch:
        """Masks a padded batch, or brings it to the fixed size."""
        persons, frames = clips.persons.tolist(), clips.frames.tolist()
        if self.padding == 'fixed':
            keypoint = _resize(clips.keypoint, self.num_persons, self.num_frames)
            return SkeletonBatch(keypoint)
        keypoint = _resize(clips.keypoint, max(persons), self._padded(frames))
        return self._mask(keypoint, persons, frames)

    def collate(self, clips: Sequence[Tensor]) -> SkeletonBatch:
        """Pad clips to one batch.

        Args:
            clips (Sequence[Tensor]): Each (M, T, V, C), of M and T of its own.

        Returns:
            SkeletonBatch: The batch, with masks where padding is not ``'fixed'``.

        Raises:
            ValueError: If the clips differ in joints or channels.
        """
        _require_alike(clip.shape[2:] for clip in clips)
        if self.padding == 'fixed':
            clips = [clip[: self.num_persons, : self.num_frames] for clip in clips]
            return SkeletonBatch(_pad(clips, self.num_persons, self.num_frames))
        persons, frames = ([clip.shape[axis] for clip in clips] for axis in (0, 1))
        return self._mask(_pad(clips, max(persons), self._padded(frames)), persons, frames)

    def _padded(self, frames: Sequence[int]) -> int:
        """To how many frames a batch is padded."""
        return -(-max(frames) // self.pad_frames_divisor) * self.pad_frames_divisor

    @staticmethod
    def _mask(keypoint: Tensor, persons: Sequence[int], frames: Sequence[int]) -> SkeletonBatch:
        num_persons, num_frames = keypoint.shape[1:3]
        return SkeletonBatch(
            keypoint,
            frame_mask=_prefix_mask(frames, num_frames, keypoint.device),
            person_mask=_prefix_mask(persons, num_persons, keypoint.device),
        )


def _require_alike(shapes: Iterable[Sequence[int]]) -> None:
    different = {tuple(shape) for shape in shapes}
    if len(different) > 1:
        raise ValueError(
            'clips of one batch must agree in (joints, channels), got '
            f'{sorted(different)}: use one layout and one pipeline for a data set, and '
            "dict(type='MapToLayout', layout=...) where several have one network"
        )


def _pad(clips: Sequence[Tensor], num_persons: int, num_frames: int) -> Tensor:
    """Zero-pad clips (M, T, V, C) to (N, num_persons, num_frames, V, C)."""
    if all(clip.shape[:2] == (num_persons, num_frames) for clip in clips):
        return torch.stack(list(clips))
    batch = clips[0].new_zeros(len(clips), num_persons, num_frames, *clips[0].shape[2:])
    for row, clip in zip(batch, clips, strict=True):
        row[: clip.shape[0], : clip.shape[1]] = clip
    return batch


def _resize(keypoint: Tensor, num_persons: int, num_frames: int) -> Tensor:
    """Zero-pad or cut a batch (N, M, T, V, C) to (N, num_persons, num_frames, V, C)."""
    persons, frames = keypoint.shape[1:3]
    if (persons, frames) != (num_persons, num_frames):
        # Negative padding cuts.
        missing = num_frames - frames, num_persons - persons
        keypoint = F.pad(keypoint, (0, 0, 0, 0, 0, missing[0], 0, missing[1]))
    return keypoint.contiguous()


def _prefix_mask(lengths: Sequence[int], size: int, device: torch.device) -> Tensor | None:
    """True in the first ``lengths`` of ``size`` places, (N, size); None where all are True."""
    if min(lengths) == size:
        return None
    places = torch.arange(size, device=device)
    return places[None] < torch.tensor(lengths, device=device)[:, None]
