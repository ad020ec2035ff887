"""Several processes where there is no GPU, which mmengine's launcher is not made for."""

import atexit
import gc

import torch
from mmengine.config import Config
from mmengine.dist import is_distributed


def set_launcher(cfg: Config, launcher: str) -> None:
    """Say what started the processes, and let those without a GPU find each other.

    mmengine's ``init_dist`` sets a CUDA device and its wrapper names one, so that a launch on CPUs
    fails. Processes that are connected already are left alone by it.

    Args:
        cfg (Config): The config of the run.
        launcher (str): ``'none'``, ``'pytorch'``, ``'slurm'`` or ``'mpi'``.
    """
    cfg.launcher = launcher
    if launcher != 'pytorch' or torch.cuda.is_available():
        return
    if not is_distributed():
        torch.distributed.init_process_group('gloo')
        atexit.register(_disconnect)
    wrapper = dict(
        type='MMDistributedDataParallel',
        broadcast_buffers=False,
        find_unused_parameters=cfg.get('find_unused_parameters', False),
    )
    cfg.model_wrapper_cfg = wrapper | cfg.get('model_wrapper_cfg', {}) | dict(device_ids=None)


def _disconnect() -> None:
    """End gloo's threads while the interpreter lives; one that frees a tensor later aborts it."""
    gc.collect()  # the runner, which is in cycles, and with it what holds the process group
    if is_distributed():
        torch.distributed.destroy_process_group()
