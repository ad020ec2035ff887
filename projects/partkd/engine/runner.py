"""The runner of trainings, and several of them in one process."""

import itertools
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from mmaction.registry import RUNNERS
from mmengine.config import Config
from mmengine.logging import MessageHub, MMLogger, print_log
from mmengine.model import is_model_wrapper
from mmengine.optim import _ParamScheduler
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from mmengine.utils import ManagerMixin
from mmengine.visualization import Visualizer
from torch import nn

from partkd.structures import load_checkpoint, load_weights, require_finite

from .interruption import FinishedEpochHook, sigterm_as_interrupt
from .label_check import check_labels
from .schedule_check import check_schedule_goes_on
from .teacher_files_check import check_teacher_files
from .weights import initial_weights, require_state

_numbers = itertools.count()
_warnings: set[str] = set()
# How mmengine's messages start that tell a reader of a console nothing.
_FOR_THE_FILE = (
    '\n---',
    'Config:',
    'Hooks will be executed',
    'Exp name:',
    'Distributed training is not',
)
_NUMBERED = re.compile(r'(?:epoch|iter)_(\d+)\.pth')


@RUNNERS.register_module()
class CheckedRunner(Runner):
    """A runner that refuses to train, to load or to keep what is not what it is taken for.

    ``runner_type='CheckedRunner'`` in a config has the tools of mmaction2 use it; PartKD's own use
    no other. Beside what mmengine's does,

    - an epoch without a batch and files of another teacher (:func:`check_teacher_files`) are
      refused before the training, and clips of classes that the head lacks
      (:func:`check_labels`) before it, a validation or a test;
    - a checkpoint has to be of the same model, in resuming and in ``load_from``, which takes that
      of a plain recogniser for a distillation's student and the other way round;
    - resuming goes on from the last checkpoint that is whole (:func:`last_checkpoint`), and under
      the schedule that it was started with (:func:`check_schedule_goes_on`);
    - an interrupted training leaves the last epoch that it finished (:class:`FinishedEpochHook`);
    - no checkpoint of weights is written that are infinite or no numbers.

    Args:
        *args (Any): Of mmengine's runner.
        **kwargs (Any): Likewise.
    """

    cfg: Config
    _resume: bool  # of mmengine's, which says nothing of their types
    _load_from: str | None
    _has_loaded: bool
    _behind: Sequence[_ParamScheduler] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if isinstance(cfg := kwargs.get('cfg'), Config):
            kwargs['cfg'] = _FormattedOnce(cfg._cfg_dict, filename=cfg.filename)
        super().__init__(*args, **kwargs)

    def build_logger(self, *args: Any, **kwargs: Any) -> MMLogger:
        """Build the runner's logger, which shows less than it writes.

        Args:
            *args (Any): Of mmengine's method.
            **kwargs (Any): Likewise.

        Returns:
            MMLogger: Writes all to its file.
        """
        logger = super().build_logger(*args, **kwargs)
        for handler in console_handlers(logger):
            handler.addFilter(_is_shown)
        return logger

    def train(self) -> nn.Module:
        """Train, after the checks.

        Returns:
            nn.Module: The trained model.

        Raises:
            FingerprintError: If a file of the teacher was made from something else.
            ValueError: If an epoch has no batch, the distillation no high-quality clip, the head no
                output for a class, or the checkpoint other weights.
            KeyboardInterrupt: If it is interrupted, by SIGINT or SIGTERM, after the last finished
                epoch was written.
        """
        require_batches(self)
        check_labels(self, 'train', 'val')
        check_teacher_files(self)
        epochs = FinishedEpochHook()
        self.register_hook(epochs)
        try:
            with sigterm_as_interrupt():
                return super().train()
        except KeyboardInterrupt:
            kept = epochs.write()
            where = f'; {kept} is where it goes on' if kept else ''
            raise KeyboardInterrupt(f'stopped in epoch {self.epoch + 1}{where}') from None
        finally:
            epochs.file.content = None

    def val(self) -> dict[str, float]:
        """Validate, after the check.

        Returns:
            dict[str, float]: What the evaluator gives.

        Raises:
            ValueError: If the head has no output for a class.
        """
        check_labels(self, 'val')
        return super().val()

    def test(self) -> dict[str, float]:
        """Test, after the check.

        Returns:
            dict[str, float]: What the evaluator gives.

        Raises:
            ValueError: If the head has no output for a class.
        """
        check_labels(self, 'test')
        return super().test()

    def load_or_resume(self) -> None:
        """Load the checkpoint that the config names, or the last one where it is to be resumed."""
        if self._resume and self._load_from is None and not self._has_loaded:
            checkpoint = last_checkpoint(Path(self.work_dir))
            self._resume = checkpoint is not None
            self._load_from = str(checkpoint) if checkpoint else None
            if checkpoint is None:
                self.logger.warning(
                    f'{self.work_dir} holds no checkpoint to go on from: the training starts with '
                    'its first epoch'
                )
        super().load_or_resume()

    def resume(self, *args: Any, **kwargs: Any) -> None:
        """Go on from a checkpoint, under its schedule.

        Args:
            *args: See mmengine's runner.
            **kwargs: See mmengine's runner.
        """
        super().resume(*args, **kwargs)
        for scheduler in self._behind:
            scheduler.step()
        epochs = self.max_epochs
        if epochs is not None and self.epoch >= epochs:
            self.logger.info(f'{self._load_from} has all {epochs} epochs: nothing is left to train')

    def load_checkpoint(self, filename: str, map_location: str = 'cpu', **kwargs: Any) -> dict:
        """Load all weights of the model.

        Args:
            filename (str): The checkpoint.
            map_location (str): The device that it is read to. Defaults to ``'cpu'``.
            **kwargs: Of mmengine's runner, which say how much may differ: nothing may.

        Returns:
            dict: What is in it.

        Raises:
            ValueError: If the weights are another model's, or if a training that is to go on from
                them was started under another schedule.
            NonFiniteError: If some are infinite or no numbers.
        """
        checkpoint = load_checkpoint(filename, map_location)
        if self._resume:
            require_state(checkpoint, filename)
        self.call_hook('after_load_checkpoint', checkpoint=checkpoint)
        model = self.model.module if is_model_wrapper(self.model) else self.model
        weights = checkpoint['state_dict']
        if not self._resume:
            weights = initial_weights(model, weights)
        load_weights(model, weights, filename)
        if self._resume:
            self._behind = check_schedule_goes_on(self, checkpoint, filename)
        self._has_loaded = True
        self.logger.info(f'Load checkpoint from {filename}')
        return checkpoint

    def save_checkpoint(self, *args: Any, **kwargs: Any) -> None:
        """Write a checkpoint.

        Args:
            *args: See mmengine's runner.
            **kwargs: See mmengine's runner.

        Raises:
            NonFiniteError: If weights are infinite or no numbers, in place of a checkpoint.
        """
        require_finite(
            self.model.state_dict(),
            f'the model in epoch {self.epoch + 1}',
            'lower the learning rate, or look for coordinates that are huge in the training clips',
        )
        super().save_checkpoint(*args, **kwargs)


class EvaluationRunner(CheckedRunner):
    """A runner of a test, which leaves the config of the training in its folder alone.

    mmengine writes a test's over it, with what was occluded, and where scores went: the next test
    of that config would do the same again.
    """

    def dump_config(self) -> None:
        """Writes nothing: the config of each test is in its log and in ``vis_data``."""


class QuietRunner(CheckedRunner):
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
        for handler in console_handlers(logger):
            handler.setLevel(logging.WARNING)
            handler.addFilter(is_news)
        return logger


class _FormattedOnce(Config):
    """mmengine formats the whole config four times to begin with, and for every checkpoint.

    Each takes half a second for a distillation, a tenth of a short training.
    """

    @cached_property
    def pretty_text(self) -> str:
        return super().pretty_text


def name_experiment(cfg: Config) -> None:
    """Give a run a name of its own, unless the config names it.

    mmengine keeps loggers, message hubs and visualizers by name for ever, and its own names are
    those of the config's file and the second: two short runs in one process would share them.

    Args:
        cfg (Config): The config of the run.
    """
    if cfg.get('experiment_name') is None:
        cfg.experiment_name = f'{Path(cfg.filename or "run").stem}_{next(_numbers)}'


def _is_shown(record: logging.LogRecord) -> bool:
    """Environment, config and hooks are 300 lines that the log file keeps."""
    message = record.getMessage()
    return not message.startswith(_FOR_THE_FILE) and 'will be deprecated' not in message


def is_news(record: logging.LogRecord) -> bool:
    """A filter for what is shown: each data set, and each run, warns anew of the same bad clips.

    Args:
        record (logging.LogRecord): What is logged.

    Returns:
        bool: False for a warning that was shown before.
    """
    message = record.getMessage()
    if record.levelno == logging.WARNING and message in _warnings:
        return False
    _warnings.add(message)
    return True


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


def console_handlers(logger: logging.Logger) -> list[logging.Handler]:
    """What of a logger shows and does not write.

    Args:
        logger (logging.Logger): Any.

    Returns:
        list[logging.Handler]: Its handlers but those of files.
    """
    return [one for one in logger.handlers if not isinstance(one, logging.FileHandler)]


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
    """The checkpoint to go on from in a folder, which may have been moved since.

    That is the one which the note ``last_checkpoint`` names, or one of a later epoch, or step, that
    was written after it: a process may end between a checkpoint and its note. One that cannot be
    read is passed over. Whatever the note does not say is said in the log.

    Args:
        folder (Path): A work directory.

    Returns:
        Path | None: The file; None where there is none that is whole.
    """
    note = folder / 'last_checkpoint'
    name = Path(note.read_text().strip()).name if note.is_file() else ''
    noted = folder / name if name and (folder / name).is_file() else None
    numbered = {file for file in folder.glob('*.pth') if _NUMBERED.fullmatch(file.name)}
    found = numbered | ({noted} if noted else set())
    for file in sorted(found, key=lambda file: _age(file, noted), reverse=True):
        try:
            _require_whole(file)
        except Exception as error:
            _warn(f'{file} is passed over, for it is no whole checkpoint: {error}')
        else:
            if file.name != name:
                _warn(f'going on from {file}, while {note} names {name or "nothing"}')
            return file
    if name:
        _warn(f'{note} names {name}, and no checkpoint in its folder can be read')
    return None


def _age(file: Path, noted: Path | None) -> tuple[int, int, int]:
    """For an order from the oldest to the latest; in a copied folder times say little."""
    time, number = _written(file)
    if noted is None or file == noted:
        return 1, time, number
    return (2 if all(a > b for a, b in zip((time, number), _written(noted))) else 0), time, number


def _written(file: Path) -> tuple[int, int]:
    """When, and after how many epochs or steps."""
    number = _NUMBERED.fullmatch(file.name)
    return file.stat().st_mtime_ns, int(number[1]) if number else -1


def _require_whole(file: Path) -> None:
    missing = {'meta', 'state_dict', 'message_hub'} - load_checkpoint(file).keys()
    if missing:
        raise ValueError(f'it has no {min(missing)}')


def _warn(message: str) -> None:
    print_log(message, logger='current', level=logging.WARNING)
