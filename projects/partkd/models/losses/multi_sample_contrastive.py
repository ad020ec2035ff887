"""The multi-sample contrastive loss that the part-level and the global form share."""

import math
from abc import abstractmethod

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from partkd.arguments import NotNegative, Positive, checked
from partkd.structures import SkeletonFeatures, TeacherFeatures

from .reads import check_widths
from .reduction import mean_over_processes


class MultiSampleContrastiveLoss(BaseModule):
    """What PMSC and its global form share; a subclass says what similarity is, and of what.

    Args:
        positive_weight (float): w of Eq. 8, the weight of class-mates. Defaults to 0.5.
        temperature (float): Divides the similarity. Defaults to 1, the paper's form.
        loss_weight (float): alpha of Eq. 4. Defaults to 10.
    """

    name: str
    reads: tuple[str]

    @checked
    def __init__(
        self,
        positive_weight: NotNegative = 0.5,
        temperature: Positive = 1.0,
        loss_weight: NotNegative = 10.0,
    ) -> None:
        super().__init__()
        self.positive_weight = positive_weight
        self.temperature = temperature
        self.loss_weight = loss_weight

    def forward(
        self, student: SkeletonFeatures, teacher: TeacherFeatures, labels: Tensor
    ) -> dict[str, Tensor]:
        """The loss of N student clips against K teacher clips, in float32 under mixed precision.

        Args:
            student (SkeletonFeatures): Of N clips.
            teacher (TeacherFeatures): Of K clips.
            labels (Tensor): Ground truth of the student clips, (N,) long.

        Returns:
            dict: ``loss_<name>``, and ``<name>_ratio``: the share of clips that have a loss.

        Raises:
            ValueError: If their features have not as many channels.
        """
        check_widths(student, teacher, *self.reads)
        with torch.autocast(labels.device.type, enabled=False):
            similarity = self.similarity(student, teacher, labels) / self.temperature
            loss, ratio = multi_sample_contrastive(
                similarity, teacher, labels, self.positive_weight
            )
        return {f'loss_{self.name}': self.loss_weight * loss, f'{self.name}_ratio': ratio}

    @abstractmethod
    def similarity(
        self, student: SkeletonFeatures, teacher: TeacherFeatures, labels: Tensor
    ) -> Tensor:
        """How alike clips are, phi of Eq. 7.

        Args:
            student (SkeletonFeatures): Of N clips.
            teacher (TeacherFeatures): Of K clips.
            labels (Tensor): Ground truth of the student clips, (N,) long.

        Returns:
            Tensor: In [-1, 1], (N, K) float32.
        """


def multi_sample_contrastive(
    similarity: Tensor, teacher: TeacherFeatures, labels: Tensor, positive_weight: float
) -> tuple[Tensor, Tensor]:
    """Eq. 8-11: hold each student clip against its own pair, its class-mates and the others.

    With C = exp(similarity), C^P and C^N the means of C over the positives B^P and the negatives
    B^N: -log[(C(i,i) + w C^P) / (C(i,i) + w C^P + C^N)], where a solitary clip has no C(i,i). A
    clip with neither a pair nor positives has no loss and is left out of the mean; without
    negatives the loss is zero.

    Args:
        similarity (Tensor): phi of Eq. 7, student clips against teacher clips, (N, K).
        teacher (TeacherFeatures): Labels and pairs of the K teacher clips.
        labels (Tensor): Ground truth of the student clips, (N,) long.
        positive_weight (float): w of Eq. 8.

    Returns:
        tuple: The mean loss, which stays connected to the graph where it is zero, and the share
        of this process's clips that have a loss.
    """
    positive, has_positive = _log_mean_exp(similarity, teacher.positives(labels))
    negative, has_negative = _log_mean_exp(similarity, teacher.negatives(labels))
    has_positive = has_positive & (positive_weight > 0)
    positive = positive + math.log(positive_weight or 1.0)
    attraction = torch.where(has_positive, positive, _lowest(positive))
    if similarity.shape[1]:
        pair = similarity.gather(1, teacher.pair.clamp(min=0)[:, None])[:, 0]
        with_pair = torch.logaddexp(pair, attraction)
        attraction = torch.where(teacher.is_paired, with_pair, attraction)
    counts = teacher.is_paired | has_positive
    # -log(a / (a + n)) = softplus(log n - log a)
    losses = F.softplus(torch.where(has_negative & counts, negative - attraction, 0.0))
    losses = losses * (has_negative & counts)
    loss = mean_over_processes(losses.sum(), counts.sum())
    return loss + 0.0 * similarity.sum(), counts.float().mean()


def _log_mean_exp(values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Log of the mean of exp over the masked entries of each row, and whether there are any.

    Rows without any give a finite number without gradient.
    """
    count = mask.sum(1)
    if not values.shape[1]:
        return values.new_zeros(len(values)), count > 0
    masked = values.masked_fill(~mask, _lowest(values))
    return masked.logsumexp(1) - count.clamp(min=1).log(), count > 0


def _lowest(values: Tensor) -> float:
    """A log of zero that keeps gradients finite."""
    return torch.finfo(values.dtype).min / 4
