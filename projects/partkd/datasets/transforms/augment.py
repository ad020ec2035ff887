"""Random changes of a skeleton as a whole, in training only."""

import math
from abc import abstractmethod
from dataclasses import replace
from typing import Literal

import torch
from mmaction.registry import TRANSFORMS
from torch import Tensor

from partkd.arguments import Fraction, NotNegative, PartOfOne, checked
from partkd.structures import ClipBatch

from .base import CoordinateBatchTransform, uniform


class Augmentation(CoordinateBatchTransform):
    """Base of random changes in training; in test a clip stays as it is."""

    def is_deterministic(self, test_mode: bool) -> bool:
        """In test alone."""
        return test_mode

    def treats_frames_alone(self, test_mode: bool) -> bool:
        """What happens to one frame happens to all."""
        return True

    def apply(self, batch: ClipBatch) -> ClipBatch:
        """Changes the clips in training.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: The changed clips.
        """
        return batch if batch.test_mode else self.change(batch)

    @abstractmethod
    def change(self, batch: ClipBatch) -> ClipBatch:
        """Changes the clips at random."""


@TRANSFORMS.register_module()
class FlipSkeleton(Augmentation):
    """Mirrors a clip: x changes its sign, left and right joints change places.

    Put it after normalisation, where x = 0 is the body's or the image's middle, and leave it out
    where classes tell left from right.

    Args:
        prob (float): Probability in training; in test nothing is flipped. Defaults to 0.5.
    """

    @checked
    def __init__(self, prob: Fraction = 0.5) -> None:
        self.prob = prob

    def change(self, batch: ClipBatch) -> ClipBatch:
        """Flips ``keypoint`` and ``keypoint_score`` of some clips."""
        flipped = uniform(batch, 0, 1) < self.prob
        swap = torch.tensor(batch.layout.swap, device=flipped.device)
        mirrored = batch.keypoint.index_select(3, swap)
        mirrored[..., 0] *= -1
        scores = batch.scores
        return replace(
            batch,
            keypoint=torch.where(_per_clip(flipped, batch.keypoint), mirrored, batch.keypoint),
            keypoint_score=torch.where(
                _per_clip(flipped, scores), scores.index_select(3, swap), scores
            ),
        )

    def __repr__(self) -> str:
        return f'{type(self).__name__}(prob={self.prob})'


@TRANSFORMS.register_module()
class RotateSkeleton(Augmentation):
    """Turns a clip about the origin by a random angle; put it after normalisation.

    Args:
        max_degrees (float): The angle is uniform in [-max_degrees, max_degrees], one for each
            axis. Defaults to 15.
        axes (Sequence[str]): Axes to turn about in 3D, one after the other: ``'y'`` is the
            vertical of a Kinect, ``'z'`` that of an aligned clip. In 2D the clip turns in its
            plane. Defaults to ``('y',)``.
    """

    @checked
    def __init__(
        self, max_degrees: NotNegative = 15.0, axes: tuple[Literal['x', 'y', 'z'], ...] = ('y',)
    ) -> None:
        if not axes:
            raise ValueError("RotateSkeleton: axes=(): name one or more of 'x', 'y' and 'z'")
        self.max_degrees = max_degrees
        self.axes = tuple(axes)

    def change(self, batch: ClipBatch) -> ClipBatch:
        """Turns ``keypoint`` (N, M, T, V, 2 or 3)."""
        if batch.keypoint.shape[-1] == 2:
            matrix = _plane_rotation(self._angles(batch))
        else:
            matrix = _axis_rotation(self.axes[0], self._angles(batch))
            for axis in self.axes[1:]:
                matrix = _axis_rotation(axis, self._angles(batch)) @ matrix
        turned = batch.keypoint.flatten(1, 3) @ matrix.mT
        return replace(batch, keypoint=turned.view_as(batch.keypoint))

    def _angles(self, batch: ClipBatch) -> Tensor:
        limit = math.radians(self.max_degrees)
        return uniform(batch, -limit, limit)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(max_degrees={self.max_degrees}, axes={self.axes})'


@TRANSFORMS.register_module()
class ScaleSkeleton(Augmentation):
    """Makes a clip larger or smaller by a random factor; put it after normalisation.

    Args:
        max_change (float): The factor is uniform in [1 - max_change, 1 + max_change]. Defaults
            to 0.1.
    """

    @checked
    def __init__(self, max_change: PartOfOne = 0.1) -> None:
        self.max_change = max_change

    def change(self, batch: ClipBatch) -> ClipBatch:
        """Scales ``keypoint``."""
        factor = uniform(batch, 1 - self.max_change, 1 + self.max_change)
        return replace(batch, keypoint=batch.keypoint * _per_clip(factor, batch.keypoint))

    def __repr__(self) -> str:
        return f'{type(self).__name__}(max_change={self.max_change})'


@TRANSFORMS.register_module()
class ShearSkeleton(Augmentation):
    """Leans a clip over: each coordinate gets a random share of every other one.

    Of contrastive pre-training (AS-CAL, arXiv 2008.00188; SCD-Net, arXiv 2309.05834); put it after
    normalisation.

    Args:
        max_share (float): Shares are uniform in [-max_share, max_share]. Defaults to 1.
        prob (float): Probability that a clip is leant over. Defaults to 0.5.
    """

    @checked
    def __init__(self, max_share: NotNegative = 1.0, prob: Fraction = 0.5) -> None:
        self.max_share = max_share
        self.prob = prob

    def change(self, batch: ClipBatch) -> ClipBatch:
        """Shears ``keypoint`` (N, M, T, V, C)."""
        dims, device = batch.keypoint.shape[-1], batch.keypoint.device
        leant = (uniform(batch, 0, 1) < self.prob).view(-1, 1, 1)
        shares = self.max_share * (2 * torch.rand(len(batch), dims, dims, device=device) - 1)
        itself = torch.eye(dims, device=device)
        matrix = itself + leant * shares * (1 - itself)
        sheared = batch.keypoint.flatten(1, 3) @ matrix.mT
        return replace(batch, keypoint=sheared.view_as(batch.keypoint))

    def __repr__(self) -> str:
        return f'{type(self).__name__}(max_share={self.max_share}, prob={self.prob})'


def _per_clip(values: Tensor, like: Tensor) -> Tensor:
    """Values (N,) beside a tensor (N, ...)."""
    return values.view(-1, *[1] * (like.dim() - 1))


def _plane_rotation(angle: Tensor) -> Tensor:
    """Rotations (N, 2, 2) by angles (N,)."""
    cos, sin = angle.cos(), angle.sin()
    return torch.stack([cos, -sin, sin, cos], -1).view(-1, 2, 2)


def _axis_rotation(axis: str, angle: Tensor) -> Tensor:
    """Rotations (N, 3, 3) about one axis, counterclockwise seen from its tip."""
    index = 'xyz'.index(axis)
    places = torch.tensor([(index + 1) % 3, (index + 2) % 3], device=angle.device)
    matrix = torch.eye(3, device=angle.device).repeat(len(angle), 1, 1)
    matrix[:, places[:, None], places] = _plane_rotation(angle)
    return matrix
