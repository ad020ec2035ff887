from mmengine.model import BaseModel
from torch import Tensor

from partkd.structures import GroupedLoss


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
        """
        total, log_vars = super().parse_losses(losses)
        groups = {name: log_vars[name] for name in losses if 'loss' in name}
        if not groups:
            raise ValueError(
                f'{type(self).__name__} gave no loss, but {sorted(losses)}: the name of a loss '
                "contains 'loss'"
            )
        return GroupedLoss.of(total, groups), log_vars
