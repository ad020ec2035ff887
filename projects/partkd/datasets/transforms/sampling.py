"""Which frames of a clip the network sees. Without any of these it sees all of them."""

from dataclasses import replace

import torch
from mmaction.registry import TRANSFORMS
from torch import Tensor

from partkd.arguments import ShareOfOne, Whole, checked
from partkd.structures import ClipBatch

from .base import BatchTransform, DeterministicTransform


@TRANSFORMS.register_module()
class UniformSampleSkeleton(BatchTransform):
    """Samples a number of frames evenly over a clip, as mmaction2's ``UniformSampleFrames``.

    The clip is cut into `clip_len` segments of equal length: training takes a random frame of
    each, test the middle one. Order is kept, and a clip that is too short repeats frames.
    Unlike the original, test neither draws nor touches numpy's global generator.

    Args:
        clip_len (int): Number of frames to take.
        least (float): Least share of a clip, in (0, 1], that they are taken of in training: of a
            stretch at a random place whose share is uniform in [least, 1], as pre-training wants
            it (SCD-Net). Defaults to 1, the whole clip.
    """

    @checked
    def __init__(self, clip_len: Whole, least: ShareOfOne = 1.0) -> None:
        self.clip_len = clip_len
        self.least = least

    def is_deterministic(self, test_mode: bool) -> bool:
        """In test alone."""
        return test_mode

    def choose(self, frames: Tensor, test_mode: bool) -> Tensor:
        """Chooses frames.

        Args:
            frames (Tensor): Length of every clip, (N,) long.
            test_mode (bool): Whether to take the middle of each segment.

        Returns:
            Tensor: Frame numbers, (N, clip_len) long.
        """
        segment = torch.arange(self.clip_len, device=frames.device, dtype=torch.float64)
        shape = len(frames), self.clip_len
        within = 0.5 if test_mode else torch.rand(shape, device=frames.device, dtype=torch.float64)
        start, length = self._stretch(frames[:, None], test_mode)
        index = (start + (segment + within) * length / self.clip_len).long()
        # Rounding can carry the last position onto the clip's end.
        return index.minimum(frames[:, None] - 1)

    def _stretch(self, frames: Tensor, test_mode: bool) -> tuple[Tensor | int, Tensor]:
        """Where frames are taken of clips of `frames` (N, 1) frames: start and length."""
        if test_mode or self.least == 1:
            return 0, frames
        share, place = torch.rand(2, *frames.shape, device=frames.device, dtype=torch.float64)
        length = frames * (self.least + (1 - self.least) * share)
        return place * (frames - length), length

    def transform_batch(self, batch: ClipBatch) -> ClipBatch:
        """Samples frames.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: The clips with `clip_len` frames.
        """
        return self.sample(batch)

    def sample(self, batch: ClipBatch, ahead: bool = False) -> ClipBatch:
        """Samples frames, also ahead of transforms that come before it.

        Args:
            batch (ClipBatch): The clips.
            ahead (bool): Whether such transforms follow. Defaults to False.

        Returns:
            ClipBatch: The clips with `clip_len` frames.
        """
        index = self.choose(batch.frames.to(batch.keypoint.device), batch.test_mode)
        return replace(
            batch,
            keypoint=_take(batch.keypoint, index),
            keypoint_score=_take(batch.scores, index),
            frames=torch.full_like(batch.frames, self.clip_len),
            copy_of=first_copies(index) if ahead else None,
        )

    def __repr__(self) -> str:
        return f'{type(self).__name__}(clip_len={self.clip_len}, least={self.least})'


@TRANSFORMS.register_module()
class TruncateFrames(DeterministicTransform, BatchTransform):
    """Keeps the first frames of a clip and leaves shorter clips alone (paper, Sec. 4).

    With the data preprocessor's ``padding='fixed'`` this is the paper's input of 300 frames.

    Args:
        max_frames (int): Number of frames to keep. Defaults to 300.
    """

    @checked
    def __init__(self, max_frames: Whole = 300) -> None:
        self.max_frames = max_frames

    def transform_batch(self, batch: ClipBatch) -> ClipBatch:
        """Truncates clips.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: The clips with `max_frames` frames or less.
        """
        return replace(
            batch,
            keypoint=batch.keypoint[:, :, : self.max_frames],
            keypoint_score=batch.scores[:, :, : self.max_frames],
            frames=batch.frames.clamp(max=self.max_frames),
        )

    def __repr__(self) -> str:
        return f'{type(self).__name__}(max_frames={self.max_frames})'


def first_copies(index: Tensor) -> Tensor:
    """The first place of each frame number in rising numbers, (N, T) long each."""
    return torch.searchsorted(index, index)


def _take(values: Tensor, index: Tensor) -> Tensor:
    """Frames (N, T') of values (N, M, T, ...)."""
    clips, persons, frames = values.shape[:3]
    first = torch.arange(0, clips * persons * frames, frames, device=index.device)
    places = first.view(clips, persons, 1) + index[:, None]
    taken = values.flatten(0, 2).index_select(0, places.flatten())
    return taken.view(*places.shape, *values.shape[3:])
