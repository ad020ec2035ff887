"""One training and its test: a step of a chain."""

from pathlib import Path

from mmengine.config import Config
from mmengine.runner import Runner

from partkd.datasets import innermost
from partkd.engine.label_check import check_labels
from partkd.engine.optim_wrapper import precision
from partkd.engine.runner import last_checkpoint, quiet_runner
from partkd.evaluation import ClipOutcomes


def pretrain(cfg: Config, folder: Path) -> dict:
    """Train what has no test, or go on where an interrupted call stopped.

    Args:
        cfg (Config): The config; its work directory does not count.
        folder (Path): Where logs and checkpoints go.

    Returns:
        dict: ``outputs``, ``epochs`` and ``environment`` of :func:`train_and_test`, and ``clips``
        (of ``train``).

    Raises:
        FileNotFoundError: See :func:`train_and_test`.
        ValueError: See :class:`CheckedRunner`.
    """
    _go_on(cfg, folder)
    with quiet_runner(cfg) as runner:
        trained = _trained(runner, folder)
        clips = dict(train=len(runner.train_dataloader.dataset))
        return _record(runner, trained) | dict(clips=clips)


def train_and_test(cfg: Config, folder: Path) -> dict:
    """Train a model, or go on where an interrupted call stopped, and test its last epoch.

    Args:
        cfg (Config): The config; its work directory, its validation and what it says of the best
            checkpoint do not count.
        folder (Path): Where logs and checkpoints go.

    Returns:
        dict: ``outputs`` (the checkpoint's file name), ``metrics``, ``outcomes`` (``frame_dirs``
        of the test clips, sorted, and ``correct``, a text of 0 and 1 in their order), ``clips``
        (of ``train`` and ``test``), ``epochs`` and ``environment`` (the ``precision`` of the
        training).

    Raises:
        FileNotFoundError: If the training saves no checkpoint.
        ValueError: See :class:`CheckedRunner`; the test clips are checked before the training.
    """
    _go_on(cfg, folder)
    with quiet_runner(cfg) as runner:
        check_labels(runner, 'test')
        trained = _trained(runner, folder)
        outcomes = ClipOutcomes()
        runner.test_evaluator.metrics.append(outcomes)
        metrics = runner.test()
        return _record(runner, trained) | dict(
            metrics={name: float(value) for name, value in metrics.items()},
            outcomes=dict(
                frame_dirs=list(outcomes.correct),
                correct=''.join('01'[right] for right in outcomes.correct.values()),
            ),
            clips=dict(
                train=len(innermost(runner.train_dataloader.dataset)),
                test=len(innermost(runner.test_dataloader.dataset)),
            ),
        )


def _go_on(cfg: Config, folder: Path) -> None:
    """Have a training write to a folder, and go on from what is there."""
    cfg.work_dir = str(folder)
    checkpoint = last_checkpoint(folder)
    if checkpoint is not None:
        cfg.resume, cfg.load_from = True, str(checkpoint)


def _trained(runner: Runner, folder: Path) -> Path:
    """Train, and find the last checkpoint."""
    runner.train()
    trained = last_checkpoint(folder)
    if trained is None:
        raise FileNotFoundError(
            f'the training left no checkpoint in {folder}: set '
            "default_hooks.checkpoint=dict(type='AtomicCheckpointHook', interval=1)"
        )
    return trained


def _record(runner: Runner, trained: Path) -> dict:
    return dict(
        outputs=[trained.name],
        epochs=runner.max_epochs,
        environment=dict(precision=precision(runner.optim_wrapper)),
    )
