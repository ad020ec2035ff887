"""Telling two domains apart, so that features learn not to (DANN)."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

HIDDEN = 100  # units, of Ganin & Lempitsky's


class _ReversedGradient(torch.autograd.Function):
    """The identity, whose gradient is reversed."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: float) -> Tensor:
        ctx.weight = weight
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return -ctx.weight * gradients[0], None


def reverse_gradient(x: Tensor, weight: float) -> Tensor:
    """Give a tensor as it is, and its gradient times -weight (Ganin & Lempitsky, JMLR 2016).

    Args:
        x (Tensor): Of any shape.
        weight (float): Lambda.

    Returns:
        Tensor: The same values.
    """
    reversed_: Tensor = _ReversedGradient.apply(x, weight)
    return reversed_


class DomainClassifier(nn.Sequential):
    """Two hidden layers that tell source from target.

    Args:
        in_channels (int): C of the features.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__(
            nn.Linear(in_channels, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, HIDDEN),
            nn.ReLU(),
            nn.Linear(HIDDEN, 1),
        )

    def loss(self, features: Tensor, is_source: Tensor, weight: float) -> tuple[Tensor, Tensor]:
        """Binary cross entropy, which the classifier learns from, and the features against.

        Args:
            features (Tensor): Of N clips, (N, C).
            is_source (Tensor): (N,) bool.
            weight (float): Lambda of :func:`reverse_gradient`.

        Returns:
            tuple[Tensor, Tensor]: The loss, and the share of clips that it tells right.
        """
        with torch.autocast(features.device.type, enabled=False):
            logits = self(reverse_gradient(features.float(), weight))[:, 0]
            loss = F.binary_cross_entropy_with_logits(logits, is_source.to(logits.dtype))
        return loss, ((logits > 0) == is_source).float().mean()
