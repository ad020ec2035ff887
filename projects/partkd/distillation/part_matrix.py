import torch
from mmaction.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor

from partkd.arguments import Positive, checked

from .arrays import load_arrays
from .teacher_fingerprint import FingerprintError


@MODELS.register_module()
class PartMatrix(BaseModule):
    """How much each part matters for each action, E of Eq. 12-13.

    Args:
        folder (str): Files of the teacher, made by ``tools/build_part_matrix.py`` or
            ``tools/distill.py``.
        temperature (float): Of the softmax over parts (Eq. 13); below 1 sharpens. Defaults to 1,
            the paper's form, in which a weight lies between .084 and .405.
    """

    what = 'part matrix'

    @checked
    def __init__(self, folder: str, temperature: Positive = 1.0) -> None:
        super().__init__()
        self.folder = folder
        self.temperature = temperature
        self.fingerprint: dict[str, str] = {}
        self.register_buffer('weights', None, persistent=False)

    def init_weights(self) -> None:
        """Read it.

        Raises:
            FileNotFoundError: If there is none, with the command that makes it.
        """
        arrays, _, self.fingerprint = load_arrays(self.folder, self.what, ['importance'])
        importance = torch.from_numpy(arrays['importance']).float()
        self.weights = part_weights(importance, self.temperature)

    def require_classes(self, num_classes: int) -> None:
        """Refuse a matrix of other classes than the student's.

        Args:
            num_classes (int): Of the student.

        Raises:
            FingerprintError: Naming both.
        """
        if len(self.weights) != num_classes:
            raise FingerprintError(
                f'the part matrix {self.folder} is of {len(self.weights)} classes, and the student '
                f'has {num_classes}: make it anew with `python tools/build_part_matrix.py CONFIG`'
            )

    def forward(self, labels: Tensor) -> Tensor:
        """The weights of the parts for the actions of some clips.

        Args:
            labels (Tensor): Classes of N clips, (N,) long.

        Returns:
            Tensor: (N, 5), a row sums to 1.

        Raises:
            RuntimeError: If :meth:`init_weights` was not called.
        """
        if self.weights is None:
            raise RuntimeError('the part matrix is not loaded: call init_weights() first')
        self.weights = self.weights.to(labels.device)
        return self.weights[labels]


def part_weights(importance: Tensor, temperature: float = 1.0) -> Tensor:
    """Eq. 13: softmax over the parts, (num_classes, 5) to (num_classes, 5)."""
    return (importance / temperature).softmax(-1)


def part_importance(harm: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Eq. 12: the mean harm that occluding each part does to the clips of each class.

    Args:
        harm (Tensor): (K, 5). In the paper's form 1 where the clip is misclassified with the part
            occluded, else 0.
        labels (Tensor): (K,) long.
        num_classes (int): Number of classes.

    Returns:
        Tensor: (num_classes, 5); zeros, which the softmax makes uniform, for a class without
        clips.
    """
    total = harm.new_zeros(num_classes, harm.shape[1]).index_add(0, labels, harm)
    count = torch.bincount(labels, minlength=num_classes).clamp(min=1)
    return total / count[:, None]
