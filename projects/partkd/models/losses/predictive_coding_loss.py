import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor

from partkd.arguments import NotNegative, checked
from partkd.structures import SkeletonFeatures, TeacherFeatures

from .reads import check_widths
from .reduction import mean_over_processes


@MODELS.register_module()
class PredictiveCodingLoss(BaseModule):
    """Of all clean clips of a batch, which one is a noisy clip's own? (PE-GCN, arXiv 2003.07514)

    The scalar product of the global feature vectors of a noisy and of a clean clip is the logit of
    their being a pair, which is learned by binary cross entropy: 1 for a clip's own pair, 0 for
    every other clean clip of the batch. The mean over all clips that have a pair, each held against
    all clean clips; zero where a batch has none.

    Args:
        loss_weight (float): Defaults to .1, that of PE-GCN's code.
    """

    reads = ('pooled',)

    @checked
    def __init__(self, loss_weight: NotNegative = 0.1) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(
        self, student: SkeletonFeatures, teacher: TeacherFeatures, labels: Tensor
    ) -> dict[str, Tensor]:
        """The loss of N noisy clips.

        Args:
            student (SkeletonFeatures): Of N noisy clips, ``pooled`` (N, C).
            teacher (TeacherFeatures): Of K clean clips, ``pooled`` (K, C).
            labels (Tensor): Ground truth of the noisy clips, (N,) long, which is not read.

        Returns:
            dict: ``loss_coding``.

        Raises:
            ValueError: If the two differ in their channels.
        """
        check_widths(student, teacher, 'pooled')
        with torch.autocast(student.pooled.device.type, enabled=False):
            noisy = student.pooled[teacher.is_paired].float()
            products = noisy @ teacher.pooled.float().T
            rows = torch.arange(len(teacher.labels), device=products.device)
            own = (teacher.pair[teacher.is_paired][:, None] == rows).to(products.dtype)
            entropy = F.binary_cross_entropy_with_logits(products, own, reduction='none')
            total = entropy.sum() / max(len(rows), 1)
            loss = mean_over_processes(total, teacher.is_paired.sum())
        return dict(loss_coding=self.loss_weight * loss)
