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

# Distances that are in memory together, of one side: 4 MB. Those of one person always are.
_DISTANCES = 2**20

# Of their squared lengths, what rounding may leave of the squared distance of nodes that are the
# same.
_SAME = 1e-6


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

    The structure term of Q persons takes 2 Q (S_t V)^2 C multiplications, and twice as many in the
    backward pass, half of which compute the distances anew. They are computed for as many persons
    at a time as have 2^20 of them, so that memory stays at some 45 MB beside the features, or at
    what one person takes. With the default of 16 steps and 25 joints that are six persons. A term
    of weight 0 is not computed.

    Args:
        feature_weight (float): Of the feature term. Defaults to 1.
        structure_weight (float): Of the structure term. Defaults to 1.

    Raises:
        ValueError: If both weights are 0.
    """

    reads = ('joints',)

    @checked
    def __init__(
        self, feature_weight: NotNegative = 1.0, structure_weight: NotNegative = 1.0
    ) -> None:
        super().__init__()
        if not feature_weight and not structure_weight:
            raise ValueError(
                'feature_weight and structure_weight of GraphMatchingLoss are 0, so it would teach '
                'nothing: set one of them, or leave it out of the losses'
            )
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
            dict: ``loss_graph_feature`` and ``loss_graph_structure``, without one of weight 0.

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
            losses = {}
            if self.feature_weight:
                feature = mean_over_processes(_feature(mine, theirs), count)
                losses['loss_graph_feature'] = self.feature_weight * feature
            if self.structure_weight:
                structure = mean_over_processes(_structure_of_all(mine, theirs), count)
                losses['loss_graph_structure'] = self.structure_weight * structure
            return losses


def _feature(mine: Tensor, theirs: Tensor) -> Tensor:
    """Sum over persons of the mean square between like nodes; of nodes (Q, S_t * V, C)."""
    return (mine - theirs).square().flatten(1).mean(1).sum()


def _structure_of_all(mine: Tensor, theirs: Tensor) -> Tensor:
    """:func:`_structure` of some persons at a time, of which the inputs alone are kept."""
    step = max(1, _DISTANCES // mine.shape[1] ** 2)
    together = zip(mine.split(step), theirs.split(step), strict=True)
    return torch.stack(
        [
            checkpoint(_structure, *some, use_reentrant=False, preserve_rng_state=False)
            for some in together
        ]
    ).sum()


def _structure(mine: Tensor, theirs: Tensor) -> Tensor:
    """Sum over persons of how much their distances differ; of nodes (Q, S_t * V, C)."""
    apart, wanted = (_in_units_of_their_mean(_distances(nodes)) for nodes in (mine, theirs))
    return F.smooth_l1_loss(apart, wanted, reduction='none').flatten(1).mean(1).sum()


def _distances(nodes: Tensor) -> Tensor:
    """Of all nodes to all, (Q, n, n), by matrix products.

    ``torch.cdist`` without them takes ten times as long on a CPU, and n^2 C numbers in the backward
    pass on a GPU. With them it has no 0 between nodes that are the same.
    """
    nodes = nodes - nodes.mean(1, keepdim=True)
    products = nodes @ nodes.mT
    lengths = products.diagonal(dim1=1, dim2=2)
    both = lengths[:, :, None] + lengths[:, None]
    apart = both - 2 * products
    same = apart <= _SAME * both
    # A root has no gradient at 0.
    return apart.masked_fill(same, 1).sqrt().masked_fill(same, 0)


def _in_units_of_their_mean(distances: Tensor) -> Tensor:
    """(Q, n, n), by the mean over those that are not 0."""
    count = distances.gt(0).sum((1, 2), keepdim=True)
    mean = distances.sum((1, 2), keepdim=True) / count.clamp(min=1)
    return distances / torch.where(mean > 0, mean, 1.0)
