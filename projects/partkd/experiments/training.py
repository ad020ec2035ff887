"""One training and its test: a step of a chain."""

from pathlib import Path

from mmengine.config import Config

from partkd.datasets import innermost
from partkd.engine.label_check import check_labels
from partkd.engine.optim_wrapper import precision
from partkd.engine.runner import last_checkpoint, quiet_runner
from partkd.evaluation import ClipOutcomes


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
    cfg.work_dir = str(folder)
    checkpoint = last_checkpoint(folder)
    if checkpoint is not None:
        cfg.resume, cfg.load_from = True, str(checkpoint)
    with quiet_runner(cfg) as runner:
        check_labels(runner, 'test')
        runner.train()
        trained = last_checkpoint(folder)
        if trained is None:
            raise FileNotFoundError(
                f'the training left no checkpoint in {folder}: set '
                "default_hooks.checkpoint=dict(type='AtomicCheckpointHook', interval=1)"
            )
        outcomes = ClipOutcomes()
        runner.test_evaluator.metrics.append(outcomes)
        metrics = runner.test()
        return dict(
            outputs=[trained.name],
            metrics={name: float(value) for name, value in metrics.items()},
            outcomes=dict(
                frame_dirs=list(outcomes.correct),
                correct=''.join('01'[right] for right in outcomes.correct.values()),
            ),
            clips=dict(
                train=len(innermost(runner.train_dataloader.dataset)),
                test=len(innermost(runner.test_dataloader.dataset)),
            ),
            epochs=runner.max_epochs,
            environment=dict(precision=precision(runner.optim_wrapper)),
        )
