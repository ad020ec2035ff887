"""Several trainings in one process, which mmengine's runner is not made for."""

import itertools
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.logging import MessageHub, MMLogger
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from mmengine.utils import ManagerMixin
from mmengine.visualization import Visualizer

_numbers = itertools.count()
_warnings: set[str] = set()


class QuietRunner(Runner):
    """A runner whose log goes to its work directory; only warnings are shown, each once."""

    def build_logger(self, *args: Any, **kwargs: Any) -> MMLogger:
        """Build the runner's logger.

        Args:
            *args (Any): Of mmengine's method.
            **kwargs (Any): Likewise.

        Returns:
            MMLogger: Writes all to its file.
        """
        logger = super().build_logger(*args, **kwargs)
        for handler in logger.handlers:
            if not isinstance(handler, logging.FileHandler):
                handler.setLevel(logging.WARNING)
                handler.addFilter(_is_news)
        return logger


def name_experiment(cfg: Config) -> None:
    """Give a run a name of its own, unless the config names it.

    mmengine keeps loggers, message hubs and visualizers by name for ever, and its own names are
    those of the config's file and the second: two short runs in one process would share them.

    Args:
        cfg (Config): The config of the run.
    """
    if cfg.get('experiment_name') is None:
        cfg.experiment_name = f'{Path(cfg.filename or "run").stem}_{next(_numbers)}'


def _is_news(record: logging.LogRecord) -> bool:
    """Each run warns anew of the same bad clips, and of functions that mmengine will drop."""
    message = record.getMessage()
    if record.levelno == logging.WARNING and message in _warnings:
        return False
    _warnings.add(message)
    return 'will be deprecated' not in message


@contextmanager
def quiet_runner(cfg: Config) -> Iterator[Runner]:
    """A runner that leaves nothing behind in the process.

    Args:
        cfg (Config): The config.

    Yields:
        Runner: The runner.
    """
    name_experiment(cfg)
    try:
        yield QuietRunner.from_cfg(cfg)
    finally:
        for kind in (MMLogger, MessageHub, Visualizer, DefaultScope):
            _forget(kind, f'{cfg.experiment_name}_')


def _forget(kind: type[ManagerMixin], prefix: str) -> None:
    for name in [name for name in kind._instance_dict if name.startswith(prefix)]:
        instance = kind._instance_dict.pop(name)
        if isinstance(instance, MMLogger):
            close_logger(instance)
        elif isinstance(instance, Visualizer):
            instance.close()


def close_logger(logger: MMLogger) -> None:
    """Close a logger's files.

    Args:
        logger (MMLogger): It writes nothing any more.
    """
    for handler in logger.handlers:
        handler.close()
    logger.handlers.clear()


def require_batches(runner: Runner) -> None:
    """Refuse a training whose epochs are empty.

    Args:
        runner (Runner): Before the training.

    Raises:
        ValueError: Naming the settings.
    """
    loader = runner.train_loop.dataloader
    if not len(loader):
        raise ValueError(
            f'an epoch of {len(loader.dataset)} training clips over {runner.world_size} processes '
            'has no whole batch: set a smaller train_dataloader.batch_size, or drop_last=False'
        )


def last_checkpoint(folder: Path) -> Path | None:
    """The last checkpoint in a folder, which may have been moved since.

    Args:
        folder (Path): A work directory.

    Returns:
        Path | None: The file; None where there is none.
    """
    note = folder / 'last_checkpoint'
    if not note.is_file():
        return None
    file = folder / Path(note.read_text().strip()).name
    return file if file.is_file() else None
