"""The loss of a training step, as the optimizer takes it."""

from collections.abc import Mapping

import torch
from torch import Tensor


class GroupedLoss(Tensor):
    """The sum of a step's losses, which still knows them one by one.

    An optimizer wrapper of mmengine takes it as the scalar that it is. One that revises gradients
    for each loss reads :attr:`groups` and takes the gradients by ``torch.autograd.grad``, which
    leaves the hooks of distributed training alone; it then has to average them over the processes
    itself, and to run the forward pass in ``no_sync`` of the wrapped model (in ``optim_context``).
    There no process is given the batch statistics of the first one, whose checkpoint is the same.
    Whatever is computed from the loss is an ordinary tensor.

    Attributes:
        groups (dict[str, Tensor]): Scalars by the names of the losses, in the order in which they
            were summed.
    """

    # PyTorch's own way to say so, which its annotation of Tensor does not know.
    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]
    groups: dict[str, Tensor]

    @classmethod
    def of(cls, total: Tensor, groups: Mapping[str, Tensor]) -> 'GroupedLoss':
        """Tell a loss what it is the sum of.

        Args:
            total (Tensor): The sum, a scalar.
            groups (Mapping[str, Tensor]): Its summands by name.
        """
        loss = total.as_subclass(cls)
        loss.groups = dict(groups)
        return loss
