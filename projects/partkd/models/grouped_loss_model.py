from collections.abc import Mapping

import torch
from mmengine.logging import MessageHub
from mmengine.model import BaseModel
from torch import Tensor

from partkd.structures import GroupedLoss, NonFiniteError

# What mmengine's runner tells of itself, counted from 0.
PLACES = dict(epoch='epoch', step='iter')


class GroupedLossModel(BaseModel):
    """A model whose losses stay apart until an optimizer wrapper has seen them.

    What ``loss`` mode gives is flat, as everywhere in OpenMMLab; each key that contains ``loss`` is
    a group of its own, ``loss_cls`` being the classification.

    Args:
        data_preprocessor (dict | nn.Module, optional): Of mmengine's ``BaseModel``. Defaults to
            None.
        init_cfg (dict, optional): Likewise. Defaults to None.
    """

    def parse_losses(
        self, losses: dict[str, Tensor | list[Tensor]]
    ) -> tuple[GroupedLoss, dict[str, Tensor]]:
        """Sum the losses of a step; called by ``train_step``, also of a distributed model.

        Args:
            losses (dict): What ``loss`` mode gave: scalars, tensors and lists of tensors.

        Returns:
            tuple: The sum, as mmengine's :class:`BaseModel` takes it, and what to log.

        Raises:
            ValueError: If there is no loss.
            NonFiniteError: If the sum is infinite or no number, naming epoch, step and losses.
        """
        total, log_vars = super().parse_losses(losses)
        groups = {name: log_vars[name] for name in losses if 'loss' in name}
        if not groups:
            raise ValueError(
                f'{type(self).__name__} gave no loss, but {sorted(losses)}: the name of a loss '
                "contains 'loss'"
            )
        if not torch.isfinite(total):
            raise NonFiniteError(_divergence(groups))
        return GroupedLoss.of(total, groups), log_vars


def _divergence(groups: Mapping[str, Tensor]) -> str:
    """Where a training stopped to learn; epoch and step as far as a runner tells them."""
    told = MessageHub.get_current_instance().runtime_info
    where = [f'{name} {told[key] + 1}' for name, key in PLACES.items() if key in told]
    values = ', '.join(f'{name} is {value.item():.4g}' for name, value in groups.items())
    return (
        f'{", ".join(where) or "this step"}: {values}. The training diverged, and what it would '
        'learn from here on is no result: lower the learning rate (optim_wrapper.optimizer.lr, or '
        'eta_max of OneCycleLR), set optim_wrapper.clip_grad=dict(max_norm=10), or look for '
        'coordinates that are huge in the training clips'
    )
