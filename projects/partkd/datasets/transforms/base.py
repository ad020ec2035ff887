"""What a transform says of itself, and how one works on a clip as on a batch."""

from abc import abstractmethod
from dataclasses import replace

import torch
from mmcv.transforms import BaseTransform
from torch import Tensor

from partkd.layouts import PoseLayout
from partkd.structures import ClipBatch


class SkeletonTransform(BaseTransform):
    """Base of all transforms here."""

    def is_deterministic(self, test_mode: bool) -> bool:
        """Whether it makes the same of a clip each time, so that the result may be stored.

        Args:
            test_mode (bool): Whether the dataset is in test mode.
        """
        return False

    def layout_after(self, layout: PoseLayout) -> PoseLayout:
        """The layout of what it makes.

        Args:
            layout (PoseLayout): Of what it is given.
        """
        return layout


class DeterministicTransform(SkeletonTransform):
    """Base of transforms in which nothing is random."""

    def is_deterministic(self, test_mode: bool) -> bool:
        """Always."""
        return True


class CoordinateTransform(SkeletonTransform):
    """Base of transforms that work on coordinates, hence before :class:`SkeletonStreams`."""

    def transform(self, results: dict) -> dict:
        """Refuses streams, where channels are no coordinates any more; then applies itself.

        Args:
            results (dict): One item of :class:`PairedPoseDataset`.

        Returns:
            dict: The item, changed in place.

        Raises:
            ValueError: Where :class:`SkeletonStreams` came before.
        """
        _refuse_streams(self, results.get('streams'), results['frame_dir'])
        return self.apply(results)

    @abstractmethod
    def apply(self, results: dict) -> dict:
        """Changes one item in place and returns it."""


class BatchTransform(SkeletonTransform):
    """Base of transforms that work on a whole batch, on any device; one clip is a batch of one.

    Random numbers come from PyTorch's generator of the device.
    """

    def transform(self, results: dict) -> dict:
        """Transforms one clip.

        Args:
            results (dict): One item of :class:`PairedPoseDataset`.

        Returns:
            dict: The item, changed in place.
        """
        return self.transform_batch(ClipBatch.of_item(results)).into_item(results)

    @abstractmethod
    def transform_batch(self, batch: ClipBatch) -> ClipBatch:
        """Transforms a batch, whose tensors stay as they were.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: The transformed clips.
        """

    def treats_frames_alone(self, test_mode: bool) -> bool:
        """Whether frames may as well be chosen before it as after.

        Args:
            test_mode (bool): Whether the dataset is in test mode.
        """
        return False


class CoordinateBatchTransform(BatchTransform):
    """Base of batch transforms that come before :class:`SkeletonStreams`."""

    def transform_batch(self, batch: ClipBatch) -> ClipBatch:
        """Refuses streams, then applies itself.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: The transformed clips.

        Raises:
            ValueError: Where :class:`SkeletonStreams` came before.
        """
        _refuse_streams(self, batch.streams, batch.frame_dirs[0])
        return self.apply(batch)

    @abstractmethod
    def apply(self, batch: ClipBatch) -> ClipBatch:
        """Transforms a batch of coordinates."""


class ForgetCopies(BatchTransform):
    """Ends the stretch of a pipeline in which copies of a frame are treated alike."""

    def transform_batch(self, batch: ClipBatch) -> ClipBatch:
        """The same clips, whose frames count for themselves.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: Without ``copy_of``.
        """
        return replace(batch, copy_of=None)


def uniform(batch: ClipBatch, low: float, high: float) -> Tensor:
    """One number a clip, uniform in [low, high), (N,) on the batch's device."""
    return low + (high - low) * torch.rand(len(batch), device=batch.keypoint.device)


def _refuse_streams(transform: SkeletonTransform, streams: tuple | None, frame_dir: str) -> None:
    if streams:
        name = type(transform).__name__
        raise ValueError(
            f'{name} works on coordinates, but keypoint holds the streams {streams} '
            f'(clip {frame_dir}): put {name} before SkeletonStreams in the pipeline'
        )
