"""Gradients of distillation that do not work against the classification (SKD)."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from mmaction.registry import OPTIM_WRAPPERS
from mmengine.dist import all_reduce
from mmengine.logging import MessageHub
from mmengine.optim import OptimWrapper
from torch import Tensor, nn

from partkd.structures import GroupedLoss

from .optim_wrapper import BFloat16OptimWrapper


def revise(gradient: Tensor, anchor: Tensor) -> Tensor:
    """Take from a gradient what conflicts with another: ``g - min(0, g.a) a / a.a``.

    Args:
        gradient (Tensor): (P,), of a distillation loss.
        anchor (Tensor): (P,), of the classification.

    Returns:
        Tensor: (P,); the gradient itself where their product is not negative.
    """
    share = gradient.dot(anchor).clamp(max=0) / anchor.dot(anchor).clamp(min=1e-30)
    return gradient - share * anchor


@OPTIM_WRAPPERS.register_module()
class GradientRevisionOptimWrapper(OptimWrapper):
    """Revises gradients between a backward pass and the step of the optimizer.

    Each distillation loss has a gradient over all parameters together. One that points away from
    the classification's (a negative product) loses that part, :func:`revise`; then all are added
    up (SKD, ``project2cone1`` of its code). With gradient accumulation and several processes
    gradients are summed up first, loss by loss, and revised then, as those of the whole batch.

    A step costs a backward pass for each loss. The log has ``conflict_<loss>``, the share of steps
    in which a loss was in conflict.

    Args:
        optimizer (torch.optim.Optimizer): The optimizer to wrap.
        anchor (str): The loss that the others may not work against. Defaults to ``'loss_cls'``.
        **kwargs: Of the wrapper that this is put on.
    """

    def __init__(
        self, optimizer: torch.optim.Optimizer, anchor: str = 'loss_cls', **kwargs: Any
    ) -> None:
        super().__init__(optimizer, **kwargs)
        self.anchor = anchor
        self._groups: dict[str, Tensor] = {}
        self._gradients: dict[str, Tensor] = {}  # of this step so far

    @property
    def _parameters(self) -> list[nn.Parameter]:
        groups = self.optimizer.param_groups
        return [one for group in groups for one in group['params'] if one.requires_grad]

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Runs the forward pass of ``model`` without its own way to average gradients.

        Args:
            model (nn.Module): The model being trained, wrapped for distribution or not.
        """
        with super().optim_context(model), getattr(model, 'no_sync', nullcontext)():
            yield

    def update_params(
        self, loss: Tensor, step_kwargs: dict | None = None, zero_kwargs: dict | None = None
    ) -> None:
        """See mmengine's :class:`OptimWrapper`.

        Args:
            loss (Tensor): A :class:`GroupedLoss` that has the anchor among its summands.
            step_kwargs (dict, optional): Of ``step``. Defaults to None.
            zero_kwargs (dict, optional): Of ``zero_grad``. Defaults to None.

        Raises:
            TypeError: If the loss does not know its summands.
            ValueError: If the anchor is not among them.
        """
        if not isinstance(loss, GroupedLoss):
            raise TypeError(
                f'{type(self).__name__} needs the losses one by one, and the model gave their sum: '
                'take a model of this package, such as KDRecognizer, or derive yours from '
                'GroupedLossModel'
            )
        if self.anchor not in loss.groups:
            raise ValueError(
                f'optim_wrapper.anchor={self.anchor!r} is no loss of the model; it has '
                f'{list(loss.groups)}'
            )
        self._groups = loss.groups
        super().update_params(loss, step_kwargs, zero_kwargs)

    def backward(self, loss: Tensor, **kwargs: Any) -> None:
        """Take the gradient of each loss; with the last one of a step revise them.

        Args:
            loss (Tensor): The sum of the losses, which is not read.
            **kwargs: None.
        """
        parameters, (*_, last) = self._parameters, self._groups
        for name, value in self._groups.items():
            if value.requires_grad:
                given = torch.autograd.grad(
                    self.scale_loss(value),
                    parameters,
                    retain_graph=name != last,
                    materialize_grads=True,
                )
            else:  # the zero of a batch without pairs, which other processes may have
                given = tuple(map(torch.zeros_like, parameters))
            gradient = torch.cat([one.flatten() for one in given])
            self._gradients[name] = self._gradients.get(name, 0) + gradient
        self._groups = {}
        self._inner_count += 1
        if self.should_update():
            parts = self._revised_sum().split([one.numel() for one in parameters])
            for parameter, part in zip(parameters, parts, strict=True):
                parameter.grad = part.view_as(parameter)

    def _revised_sum(self) -> Tensor:
        gradients, self._gradients = self._gradients, {}
        for gradient in gradients.values():
            all_reduce(gradient, op='mean')
        anchor = gradients.pop(self.anchor)
        total, log = anchor.clone(), MessageHub.get_current_instance()
        for name, gradient in gradients.items():
            total += revise(gradient, anchor)
            log.update_scalar(f'train/conflict_{name}', float(gradient.dot(anchor) < 0))
        return total


@OPTIM_WRAPPERS.register_module()
class BFloat16GradientRevisionOptimWrapper(GradientRevisionOptimWrapper, BFloat16OptimWrapper):
    """Revises gradients in bfloat16 autocast, where the device has it.

    See :class:`GradientRevisionOptimWrapper` and :class:`BFloat16OptimWrapper`. Gradients are in
    float32, as the parameters.
    """
