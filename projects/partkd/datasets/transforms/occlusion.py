"""The degradation of the paper's Sec. 4, and two that look more like occlusion."""

from typing import Literal

from mmaction.registry import TRANSFORMS
from torch import Tensor

from partkd.arguments import Count, Fraction, checked
from partkd.structures import ClipBatch

from .degradation import Degradation, hidden


@TRANSFORMS.register_module()
class JointOcclusion(Degradation):
    """Zeroes coordinates and scores of joints at random (occlusion probability OP, Sec. 4).

    Its place is after normalisation and before :class:`SkeletonStreams`. In test it is a
    function of ``(seed, frame_dir)`` alone, whatever the order of clips, the worker or the state
    of any generator; what is occluded at one ``prob`` is so at every higher one.

    Args:
        prob (float): Probability of every draw.
        scope (str): What one draw decides: ``'frame'`` a joint of a person in one frame (the
            paper, which does not say more than that joints are drawn), ``'clip'`` a joint of a
            person for the whole clip, ``'part'`` one of the layout's five parts of a person for
            the whole clip (the trunk is never occluded). Defaults to ``'frame'``.
        seed (int): Seed in test. Defaults to 0.
        once (bool): Whether a clip of the training has the same joints hidden in every epoch, as if
            it had been written so (SKD's protocol). Defaults to False.
    """

    @checked
    def __init__(
        self,
        prob: Fraction,
        scope: Literal['frame', 'clip', 'part'] = 'frame',
        seed: Count = 0,
        once: bool = False,
    ) -> None:
        self.prob = prob
        self.scope = scope
        self.seed = seed
        self.once = once

    def is_deterministic(self, test_mode: bool) -> bool:
        """Where nothing is occluded; stored clips would differ for each ``prob`` and ``seed``."""
        return self.prob == 0

    def treats_frames_alone(self, test_mode: bool) -> bool:
        """Not where the draws depend on how many frames there are."""
        return self.prob == 0 or self.scope != 'frame' or not (test_mode or self.once)

    def apply(self, batch: ClipBatch) -> ClipBatch:
        """Occludes joints.

        Args:
            batch (ClipBatch): The clips.

        Returns:
            ClipBatch: Coordinates and scores zeroed where occluded.
        """
        if self.prob == 0:
            return batch
        return hidden(batch, self._occluded(batch))

    def _occluded(self, batch: ClipBatch) -> Tensor:
        """(N, M, 1 or T, V) bool."""
        joints = batch.keypoint.shape[3]
        if self.scope != 'part':
            return self._chosen(batch, joints)
        parts = batch.layout.parts
        gone = self._chosen(batch, len(parts))
        part_of = {joint: place for place, part in enumerate(parts) for joint in part}
        members = list(part_of)
        occluded = gone.new_zeros(*gone.shape[:3], joints)
        occluded[..., members] = gone[..., [part_of[joint] for joint in members]]
        return occluded

    def _chosen(self, batch: ClipBatch, columns: int) -> Tensor:
        """(N, M, 1 or T, columns) bool, each True with the probability `prob`."""
        per_frame = self.scope == 'frame'
        gone = self.draw(batch, columns, per_frame=per_frame) < self.prob
        if per_frame and batch.copy_of is not None:
            gone = gone.take_along_dim(batch.copy_of[:, None, :, None], 2)
        return gone

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(prob={self.prob}, scope={self.scope!r}, seed={self.seed}, '
            f'once={self.once})'
        )
