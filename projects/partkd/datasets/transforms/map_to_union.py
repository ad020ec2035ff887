"""Every skeleton on one graph, so that joints of unlike layouts can be compared."""

from dataclasses import replace

import torch
from mmaction.registry import TRANSFORMS
from torch import Tensor

from partkd.layouts import PoseLayout, get_layout
from partkd.structures import ClipBatch

from .base import CoordinateBatchTransform, DeterministicTransform
from .union_graph import RULES, Rule, namesakes


@TRANSFORMS.register_module()
class MapToUnion(DeterministicTransform, CoordinateBatchTransform):
    """Maps skeletons onto the union graph of 31 joints, layout ``'union'``.

    Joints are found by name. Those that a layout lacks, or that were not seen, are guessed from
    others where there is a rule and what it needs (arXiv 2604.17013, Appendix A): the middle of
    hips, shoulders and what lies between, hands and feet on from the limb, a face at the head.
    What is guessed has score 0. With this on both sides of a pair, ``layout='union'`` in both
    models makes their joints alike: the rival to matching parts.
    """

    def layout_after(self, layout: PoseLayout) -> PoseLayout:
        """The union graph."""
        return get_layout('union')

    def treats_frames_alone(self, test_mode: bool) -> bool:
        """It does."""
        return True

    def apply(self, batch: ClipBatch) -> ClipBatch:
        """Maps the clips.

        Args:
            batch (ClipBatch): The clips, in any layout that names the joints of the limbs.

        Returns:
            ClipBatch: In the union graph, ``keypoint`` (N, M, T, 31, C).

        Raises:
            ValueError: If the layout lacks joints that every body has.
        """
        union = get_layout('union')
        taken = torch.tensor(namesakes(batch.layout, union.joints), device=batch.keypoint.device)
        has = taken >= 0
        taken = taken.clamp(min=0)
        keypoint = batch.keypoint.index_select(3, taken) * has[:, None]
        score = batch.scores.index_select(3, taken) * has
        there = (score > 0) | keypoint.ne(0).any(-1)
        for rule in RULES:
            _guess(rule, union, keypoint, there)
        return replace(batch, keypoint=keypoint, keypoint_score=score, layout=union)

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'


def _guess(rule: Rule, union: PoseLayout, keypoint: Tensor, there: Tensor) -> None:
    """Puts one joint where it is missing and can be guessed, in place."""
    joint = union.joints.index(rule.joint)
    sources = [union.joints.index(name) for name in rule.sources]
    positions, known = keypoint[:, :, :, sources], there[:, :, :, sources]
    if rule.weights:
        weights = positions.new_tensor(rule.weights).expand_as(known)
        can = known.all(-1)
    else:
        weights = known / known.sum(-1, keepdim=True).clamp(min=1)
        can = known.any(-1)
    guessed = (positions * weights[..., None]).sum(-2)
    missing = can & ~there[:, :, :, joint]
    keypoint[:, :, :, joint] = torch.where(missing[..., None], guessed, keypoint[:, :, :, joint])
    there[:, :, :, joint] |= missing
