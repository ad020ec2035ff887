"""Mixed precision where the device has instructions for it."""

import logging
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from mmaction.registry import OPTIM_WRAPPERS
from mmengine.logging import print_log
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from torch import nn


def has_bfloat16(device: str) -> bool:
    """Whether a device computes in bfloat16, and does not emulate it.

    Args:
        device (str): Its type, ``'cpu'`` or ``'cuda'``.

    Returns:
        bool: False for a CPU with AVX2 or AVX-512 alone, where a step in bfloat16 takes 8 to 40
        times as long as one in float32. True for devices of which nothing is known.
    """
    if device == 'cuda':
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device != 'cpu':
        return True
    if not (torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()):
        return False
    if platform.machine().lower() not in ('x86_64', 'amd64'):
        return True
    # oneDNN says yes to any AVX-512, and the processor's flags know of no limit that was set
    return torch.backends.cpu.get_cpu_capability() == 'AVX512' and (
        torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    )


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(OptimWrapper):
    """Trains with bfloat16 autocast on the device that the model is on, where it has that.

    mmengine's ``AmpOptimWrapper`` refuses to run on a CPU. bfloat16 has the range of float32, so
    no loss scaling is needed; weights, gradients and the optimizer's state stay in float32. On a
    device without bfloat16 (:func:`has_bfloat16`) all stays in float32, and the log says so.

    Args:
        optimizer (torch.optim.Optimizer): The optimizer to wrap, of parameters that are where the
            training is.
        **kwargs: Of mmengine's :class:`OptimWrapper`, as ``accumulative_counts`` and ``clip_grad``.

    Attributes:
        precision (str): What is computed in, ``'bfloat16'`` or ``'float32'``.
    """

    def __init__(self, optimizer: torch.optim.Optimizer, **kwargs: Any) -> None:
        super().__init__(optimizer, **kwargs)
        self._device = optimizer.param_groups[0]['params'][0].device.type
        self.precision = 'bfloat16' if has_bfloat16(self._device) else 'float32'
        if self.precision == 'float32':
            print_log(
                f'this {self._device.upper()} has no instructions for bfloat16: training in '
                'float32, which is many times faster here than emulating it',
                logger='current',
                level=logging.WARNING,
            )

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Runs the forward pass of ``model`` under autocast.

        Args:
            model (nn.Module): The model being trained, wrapped for distribution or not.
        """
        enabled = self.precision == 'bfloat16'
        autocast = torch.autocast(self._device, dtype=torch.bfloat16, enabled=enabled)
        with super().optim_context(model), autocast:
            yield


def precision(optim_wrapper: OptimWrapper) -> str:
    """What a training really computes in, for its record.

    Args:
        optim_wrapper (OptimWrapper): Of any kind.

    Returns:
        str: ``'float32'``, ``'bfloat16'`` or ``'float16'``.
    """
    if isinstance(optim_wrapper, AmpOptimWrapper):
        return str(optim_wrapper.cast_dtype or torch.float16).removeprefix('torch.')
    return getattr(optim_wrapper, 'precision', 'float32')
