import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor

from partkd.arguments import NotNegative, Positive, checked
from partkd.structures import SkeletonFeatures, TeacherFeatures

from .reduction import mean_over_processes


@MODELS.register_module()
class KLLoss(BaseModule):
    """Logit distillation (Hinton et al., arXiv 1503.02531): each clip learns from its own pair.

    The mean over paired clips of T^2 KL(softmax(teacher / T) || softmax(student / T)); zero where
    a batch has none.

    Args:
        temperature (float): T. Defaults to 4.
        loss_weight (float): Defaults to 1.
    """

    reads = ('logits',)

    @checked
    def __init__(self, temperature: Positive = 4.0, loss_weight: NotNegative = 1.0) -> None:
        super().__init__()
        self.temperature = temperature
        self.loss_weight = loss_weight

    def forward(
        self, student: SkeletonFeatures, teacher: TeacherFeatures, labels: Tensor
    ) -> dict[str, Tensor]:
        """The loss of N student clips.

        Args:
            student (SkeletonFeatures): Of N clips.
            teacher (TeacherFeatures): Of K clips.
            labels (Tensor): Ground truth of the student clips, (N,) long, which is not read.

        Returns:
            dict: ``loss_kl``.

        Raises:
            ValueError: If the two have not as many classes.
        """
        mine, theirs = student.logits.shape[-1], teacher.logits.shape[-1]
        if mine != theirs:
            raise ValueError(
                f'the student has {mine} classes, the teacher {theirs}: logits can be compared '
                'where cls_head.num_classes of both is the same'
            )
        with torch.autocast(student.logits.device.type, enabled=False):
            scores = student.logits[teacher.is_paired].float() / self.temperature
            target = teacher.own(teacher.logits).float() / self.temperature
            divergence = F.kl_div(
                scores.log_softmax(-1), target.log_softmax(-1), reduction='sum', log_target=True
            )
            loss = mean_over_processes(divergence, teacher.is_paired.sum())
        return dict(loss_kl=self.loss_weight * self.temperature**2 * loss)
