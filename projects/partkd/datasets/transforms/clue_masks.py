"""What SCD-Net hides of a clip, so that a clue has to be found in what is left."""

import numpy as np
import torch
from mmaction.registry import TRANSFORMS
from torch import Tensor

from partkd.arguments import Count, Fraction, PartOfOne, Whole, checked
from partkd.layouts import PoseLayout
from partkd.structures import ClipBatch

from .augment import Augmentation
from .base import uniform
from .degradation import hidden


@TRANSFORMS.register_module()
class StructuralMask(Augmentation):
    """Hides joints that lie together in the graph, for the whole clip (SCD-Net).

    Some joints are drawn, also one of them several times. Every joint counts the walks of `reach`
    links that lead to it from them, where a joint is linked with itself too: a sum of rows of
    (A + I) to the power of `reach`. Those with the highest counts are hidden, ties at random
    (Wu et al., arXiv 2309.05834; their code draws 5 of 25 joints and hides 8). All persons lose the
    same joints; in test nothing is hidden.

    Args:
        share (float): Share of the joints that is hidden, in [0, 1), rounded to whole ones.
            Defaults to .32.
        num_drawn (int): Joints that are drawn. Defaults to 5.
        reach (int): The power. Defaults to 2.
        prob (float): Probability that a clip is masked. Defaults to .5.
    """

    @checked
    def __init__(
        self,
        share: PartOfOne = 0.32,
        num_drawn: Whole = 5,
        reach: Count = 2,
        prob: Fraction = 0.5,
    ) -> None:
        self.share, self.num_drawn, self.reach, self.prob = share, num_drawn, reach, prob

    def change(self, batch: ClipBatch) -> ClipBatch:
        """Hides joints of some clips.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: Coordinates and scores zeroed where joints are hidden.
        """
        joints, device = batch.layout.num_joints, batch.keypoint.device
        walks = torch.from_numpy(count_walks(batch.layout, self.reach)).to(device)
        drawn = torch.randint(joints, (len(batch), self.num_drawn), device=device)
        counts = walks[drawn].sum(1) + torch.rand(len(batch), joints, device=device)
        rank = counts.argsort(1, descending=True).argsort(1)
        gone = (rank < round(self.share * joints)) & _some(batch, self.prob)
        return hidden(batch, gone[:, None, None])

    def __repr__(self) -> str:
        settings = f'share={self.share}, num_drawn={self.num_drawn}, reach={self.reach}'
        return f'{type(self).__name__}({settings}, prob={self.prob})'


@TRANSFORMS.register_module()
class TemporalCubeMask(Augmentation):
    """Empties some of the stretches of equal length that a clip is cut into (SCD-Net).

    Of 16 stretches 6, in the authors' code (arXiv 2309.05834). A shorter clip than there are
    stretches has some that are empty. In test nothing is hidden.

    Args:
        num_cubes (int): Stretches. Defaults to 16.
        num_masked (int): How many of them are emptied. Defaults to 6.
        prob (float): Probability that a clip is masked. Defaults to .5.

    Raises:
        ValueError: If nothing would be left.
    """

    @checked
    def __init__(self, num_cubes: Whole = 16, num_masked: Count = 6, prob: Fraction = 0.5) -> None:
        if num_masked >= num_cubes:
            raise ValueError(
                f'TemporalCubeMask: num_masked={num_masked} of num_cubes={num_cubes} leave '
                'nothing: mask fewer'
            )
        self.num_cubes, self.num_masked, self.prob = num_cubes, num_masked, prob

    def treats_frames_alone(self, test_mode: bool) -> bool:
        """Stretches are of the frames that there are."""
        return False

    def change(self, batch: ClipBatch) -> ClipBatch:
        """Empties frames of some clips.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: Coordinates and scores zeroed in those frames.
        """
        device = batch.keypoint.device
        frames = batch.frames.to(device)[:, None]
        place = torch.arange(batch.keypoint.shape[2], device=device)
        cube = (place * self.num_cubes // frames).clamp(max=self.num_cubes - 1)
        rank = torch.rand(len(batch), self.num_cubes, device=device).argsort(1).argsort(1)
        gone = (rank < self.num_masked).gather(1, cube) & _some(batch, self.prob)
        return hidden(batch, gone[:, None, :, None])

    def __repr__(self) -> str:
        settings = f'num_cubes={self.num_cubes}, num_masked={self.num_masked}'
        return f'{type(self).__name__}({settings}, prob={self.prob})'


def count_walks(layout: PoseLayout, length: int) -> np.ndarray:
    """Count the walks between joints, where each joint is linked with itself as well.

    Args:
        layout (PoseLayout): The pose graph.
        length (int): Links in a walk.

    Returns:
        np.ndarray: (V, V) float32, symmetric.
    """
    links = np.eye(layout.num_joints, dtype=np.float32)
    for one, other in layout.links:
        links[one, other] = links[other, one] = 1
    walks: np.ndarray = np.linalg.matrix_power(links, length)
    return walks


def _some(batch: ClipBatch, prob: float) -> Tensor:
    """Which clips are changed, (N, 1) bool."""
    return (uniform(batch, 0, 1) < prob)[:, None]
