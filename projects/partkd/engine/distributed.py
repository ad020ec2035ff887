"""Several processes where there is no GPU, which mmengine's launcher is not made for."""

import atexit
import gc
import os
from datetime import timedelta

import torch
from mmengine.config import Config
from mmengine.dist import is_distributed

# What tells a process how many were started with it, and by which launcher.
LAUNCHED = {
    'WORLD_SIZE': 'pytorch',
    'SLURM_STEP_NUM_TASKS': 'slurm',
    'OMPI_COMM_WORLD_SIZE': 'mpi',
}
TIME_LIMIT = 1800  # seconds, as in _base_/default_runtime.py


def set_launcher(cfg: Config, launcher: str) -> None:
    """Say what started the processes, and let those without a GPU find each other.

    mmengine's ``init_dist`` sets a CUDA device and its wrapper names one, so that a launch on CPUs
    fails. Processes that are connected already are left alone by it.

    Args:
        cfg (Config): The config of the run.
        launcher (str): ``'none'``, ``'pytorch'``, ``'slurm'`` or ``'mpi'``.

    Raises:
        ValueError: If it is none, and this is one of several processes all the same.
    """
    if launcher == 'none':
        require_one_process()
    cfg.launcher = launcher
    if launcher != 'pytorch' or torch.cuda.is_available():
        return
    if not is_distributed():
        torch.distributed.init_process_group('gloo', timeout=_time_limit(cfg))
        atexit.register(_disconnect)
    wrapper = dict(
        type='MMDistributedDataParallel',
        broadcast_buffers=False,
        find_unused_parameters=cfg.get('find_unused_parameters', False),
    )
    cfg.model_wrapper_cfg = wrapper | cfg.get('model_wrapper_cfg', {}) | dict(device_ids=None)


def require_one_process(remedy: str | None = None) -> None:
    """Refuse to be one of several processes that do not know of each other.

    Args:
        remedy (str, optional): For the error. Defaults to None, to name the launcher.

    Raises:
        ValueError: If a launcher started several: each would do the whole, in the same folder.
    """
    for variable, launcher in LAUNCHED.items():
        number = os.environ.get(variable, '1')
        if number.isdecimal() and int(number) > 1:
            named = (
                f'Add --launcher {launcher}, as tools/dist_train.sh and tools/slurm_train.sh do, '
                'or start one process'
            )
            raise ValueError(
                f'{variable} is {number}: this is one of {number} processes that do not know of '
                f'each other, and each would do the whole. {remedy or named}'
            )


def _time_limit(cfg: Config) -> timedelta:
    """How long a process waits for the others; mmengine hands it on where there is a GPU."""
    distributed = cfg.get('env_cfg', {}).get('dist_cfg', {})
    return timedelta(seconds=distributed.get('timeout', TIME_LIMIT))


def _disconnect() -> None:
    """End gloo's threads while the interpreter lives; one that frees a tensor later aborts it."""
    gc.collect()  # the runner, which is in cycles, and with it what holds the process group
    if is_distributed():
        torch.distributed.destroy_process_group()
