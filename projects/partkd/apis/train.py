"""Training one model."""

from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.model import is_model_wrapper
from torch import nn

from partkd.configuration import (
    add_degradation,
    check_training,
    drop_validation,
    fill_in_from_teacher,
    load_config,
    log_to_backends,
    read_degradation,
    set_seed,
    set_work_dir,
)
from partkd.engine.distributed import set_launcher
from partkd.engine.runner import CheckedRunner, last_checkpoint, name_experiment


def train(
    config: str | Path | Config,
    work_dir: str | Path | None = None,
    resume: bool | str = False,
    amp: bool = False,
    compile: bool = False,
    validate: bool = True,
    auto_scale_lr: bool = False,
    seed: int | None = None,
    deterministic: bool = False,
    launcher: str = 'none',
    options: dict | None = None,
    log_to: Sequence[str] = (),
    degrade: Sequence[str] = (),
) -> nn.Module:
    """Train a recogniser, plain or distilled.

    Args:
        config (str | Path | Config): The config.
        work_dir (str | Path, optional): Where logs and checkpoints go. Defaults to None, the
            config's own or ``work_dirs/<config>``.
        resume (bool | str): True goes on from the last whole checkpoint in ``work_dir`` if there
            is one; a file goes on from that. Defaults to False.
        amp (bool): Whether to train in bfloat16, on a GPU or a CPU. Defaults to False.
        compile (bool): Whether to compile the training step. A config's own
            ``compile=dict(backend=...)`` says how. Set ``pad_frames_divisor`` of the data
            preprocessor where clips differ in length. Defaults to False, the config's own.
        validate (bool): Whether to validate while training. Defaults to True.
        auto_scale_lr (bool): Whether to scale the learning rate to the batch size. Defaults to
            False.
        seed (int, optional): Defaults to None, the config's own.
        deterministic (bool): Whether cuDNN has to be deterministic. Defaults to False, the
            config's own.
        launcher (str): What started the processes. Defaults to ``'none'``.
        options (dict, optional): Settings to override, by dotted key. Defaults to None.
        log_to (Sequence[str]): Where losses and figures go beside the work directory, of
            ``'tensorboard'`` and ``'wandb'``. Defaults to (), nowhere.
        degrade (Sequence[str]): Degradations of the input in training and validation, one after
            the other, see :func:`partkd.configuration.read_degradation`. Defaults to (), none.

    Returns:
        nn.Module: The trained model, without what wraps it where there are several processes.

    Raises:
        FileNotFoundError: If the teacher or a file of it is not made yet; it names the command.
        ImportError: If what it is to log to is not installed.
        KeyboardInterrupt: If it is interrupted; it names the checkpoint that it goes on from.
        FingerprintError: If a file of the teacher was made from something else.
        NonFiniteError: If the training diverges.
        ValueError: If the config has faults, with all that can be seen in it; if the checkpoint to
            start or go on from is another model's or of another schedule, if there is no batch to
            train on, or if this is one of several processes without a launcher.
    """
    cfg = load_config(config, options)
    set_launcher(cfg, launcher)
    fill_in_from_teacher(cfg)
    if not validate:
        drop_validation(cfg)
    check_training(cfg)
    for text in degrade:
        add_degradation(cfg, read_degradation(text), splits=('train', 'val'))
    log_to_backends(cfg, log_to)
    set_work_dir(cfg, work_dir)
    set_seed(cfg, seed, deterministic)
    name_experiment(cfg)
    if amp:
        _set_amp(cfg)
    if compile:
        cfg.compile = cfg.get('compile') or True
    if auto_scale_lr:
        _set_auto_scale_lr(cfg)
    if resume:
        _set_resume(cfg, resume)
    model = CheckedRunner.from_cfg(cfg).train()
    return model.module if is_model_wrapper(model) else model


def _set_resume(cfg: Config, resume: bool | str) -> None:
    """Where there is nothing to go on from, the config's own ``load_from`` is where it starts."""
    checkpoint = last_checkpoint(Path(cfg.work_dir)) if resume is True else resume
    start = cfg.get('load_from')
    if checkpoint is None:
        MMLogger.get_current_instance().warning(
            f'--resume: {cfg.work_dir} holds no checkpoint to go on from, so this is a new '
            f'training{f" from {start}" if start else ""}'
        )
    cfg.resume = checkpoint is not None
    cfg.load_from = str(checkpoint) if checkpoint else start


# By what a config has, what --amp makes of it.
_IN_BFLOAT16 = {
    'OptimWrapper': 'BFloat16OptimWrapper',
    'AmpOptimWrapper': 'BFloat16OptimWrapper',
    'BFloat16OptimWrapper': 'BFloat16OptimWrapper',
    'GradientRevisionOptimWrapper': 'BFloat16GradientRevisionOptimWrapper',
    'BFloat16GradientRevisionOptimWrapper': 'BFloat16GradientRevisionOptimWrapper',
}


def _set_amp(cfg: Config) -> None:
    wrapper = cfg.optim_wrapper
    kind = wrapper.get('type', 'OptimWrapper')
    if kind not in _IN_BFLOAT16:
        raise ValueError(
            f'optim_wrapper {kind} has no mixed precision; use one of {list(_IN_BFLOAT16)}'
        )
    for key in ('loss_scale', 'dtype', 'use_fsdp'):
        wrapper.pop(key, None)
    wrapper.type = _IN_BFLOAT16[kind]


def _set_auto_scale_lr(cfg: Config) -> None:
    if cfg.get('auto_scale_lr') is None:
        raise ValueError(
            'the config has no auto_scale_lr: add auto_scale_lr=dict(base_batch_size=B), where B '
            'is the batch size over all devices that its learning rate is meant for'
        )
    schedulers = cfg.get('param_scheduler') or []
    schedulers = [schedulers] if isinstance(schedulers, dict) else schedulers
    if any(scheduler['type'] == 'OneCycleLR' for scheduler in schedulers):
        raise ValueError(
            'OneCycleLR sets the learning rate itself: scale its eta_max by hand, as with '
            '--cfg-options param_scheduler.0.eta_max=0.2 for twice the batch'
        )
    cfg.auto_scale_lr.enable = True
