"""Mixed precision that also runs where there is no GPU."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from mmaction.registry import OPTIM_WRAPPERS
from mmengine.optim import OptimWrapper
from torch import nn


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(OptimWrapper):
    """Trains with bfloat16 autocast on the device that the model is on.

    mmengine's ``AmpOptimWrapper`` refuses to run on a CPU. bfloat16 has the range of float32, so
    no loss scaling is needed; weights, gradients and the optimizer's state stay in float32.

    Args:
        optimizer (torch.optim.Optimizer): The optimizer to wrap.
        accumulative_counts (int): Steps over which gradients are summed. Defaults to 1.
        clip_grad (dict, optional): Same as in :class:`mmengine.optim.OptimWrapper`. Defaults to
            None.
    """

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Runs the forward pass of ``model`` under autocast.

        Args:
            model (nn.Module): The model being trained, wrapped for distribution or not.
        """
        device = next(model.parameters()).device.type
        with super().optim_context(model), torch.autocast(device, dtype=torch.bfloat16):
            yield
