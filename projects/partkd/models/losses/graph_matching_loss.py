import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from partkd.arguments import NotNegative, checked
from partkd.structures import SkeletonFeatures, TeacherFeatures

from .reads import check_widths
from .reduction import mean_over_processes

# Distances that are in memory together, of one side: 16 MB. Those of one person always are.
_DISTANCES = 2**22


@MODELS.register_module()
class GraphMatchingLoss(BaseModule):
    """Joint-level features of a clip and the distances between them, as those of its pair (SKD).

    The nodes of a person are its joints in each of S_t steps of time. The feature term is the mean
    square of the differences of like nodes. The structure term compares the Euclidean distances of
    all nodes to all others, each side's in units of its own mean, by smooth L1. Both are means over
    persons that both clips of a pair show; zero where a batch has none. KL stands beside it as a
    loss of its own, and each term is one as well.

    Joints are compared one by one, so both sides have one pose graph: that of the files, or the
    union graph (:class:`MapToUnion`).

    The structure term of Q persons costs Q (S_t V)^2 C operations. Distances are computed for as
    many persons at a time as make 2^22 of them, and once more for the backward pass, so that memory
    stays at some 16 MB a matrix, or that of one person. With the default of 16 steps and 25 joints
    26 persons are computed together.

    Args:
        feature_weight (float): Of the feature term. Defaults to 1.
        structure_weight (float): Of the structure term. Defaults to 1.
    """

    reads = ('joints',)

    @checked
    def __init__(
        self, feature_weight: NotNegative = 1.0, structure_weight: NotNegative = 1.0
    ) -> None:
        super().__init__()
        self.feature_weight = feature_weight
        self.structure_weight = structure_weight

    def forward(
        self, student: SkeletonFeatures, teacher: TeacherFeatures, labels: Tensor
    ) -> dict[str, Tensor]:
        """The losses of N student clips.

        Args:
            student (SkeletonFeatures): Of N clips.
            teacher (TeacherFeatures): Of K clips.
            labels (Tensor): Ground truth of the student clips, (N,) long, which is not read.

        Returns:
            dict: ``loss_graph_feature`` and ``loss_graph_structure``.

        Raises:
            ValueError: If the two differ in their joints or channels.
        """
        check_widths(student, teacher, 'joints')
        mine, theirs = teacher.joints_of_pairs(student)
        if mine.shape[2] != theirs.shape[2]:
            raise ValueError(
                f'the student has {mine.shape[2]} joints, the teacher {theirs.shape[2]}: joints '
                "are compared one by one, so put dict(type='MapToUnion') into both pipelines and "
                "layout='union' into both models"
            )
        with torch.autocast(mine.device.type, enabled=False):
            mine, theirs = (joints.flatten(1, 2).float() for joints in (mine, theirs))
            count = torch.tensor(len(mine), device=mine.device)
            feature = (mine - theirs).square().flatten(1).mean(1).sum()
            structure = mine.sum() * 0
            for start in range(0, len(mine), step := max(1, _DISTANCES // mine.shape[1] ** 2)):
                part = slice(start, start + step)
                structure = structure + checkpoint(
                    _structure, mine[part], theirs[part], use_reentrant=False
                )
            return dict(
                loss_graph_feature=self.feature_weight * mean_over_processes(feature, count),
                loss_graph_structure=self.structure_weight * mean_over_processes(structure, count),
            )


def _structure(mine: Tensor, theirs: Tensor) -> Tensor:
    """Sum over persons of how much their distances differ; of nodes (Q, S_t * V, C)."""
    apart, wanted = (_in_units_of_their_mean(_distances(nodes)) for nodes in (mine, theirs))
    return F.smooth_l1_loss(apart, wanted, reduction='none').flatten(1).mean(1).sum()


def _distances(nodes: Tensor) -> Tensor:
    """Of all nodes to all; by products they would not be 0 where nodes are the same."""
    return torch.cdist(nodes, nodes, compute_mode='donot_use_mm_for_euclid_dist')


def _in_units_of_their_mean(distances: Tensor) -> Tensor:
    """(Q, n, n), by the mean over those that are not 0."""
    count = distances.gt(0).sum((1, 2), keepdim=True)
    mean = distances.sum((1, 2), keepdim=True) / count.clamp(min=1)
    return distances / torch.where(mean > 0, mean, 1.0)
