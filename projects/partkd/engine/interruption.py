"""A training that is interrupted leaves the last epoch that it finished."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend, register_backend
from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, Runner

from partkd.files import write_atomically

IN_MEMORY = 'InMemoryBackend'


class KeptFile(str):
    """A file in memory; a text, because mmengine tells backends by their arguments as JSON."""

    path: str
    content: bytes | None = None


@register_backend(IN_MEMORY)
class InMemoryBackend(LocalBackend):
    """Keeps in memory what is written to a file.

    Args:
        file (KeptFile): Gets path and content.
    """

    def __init__(self, file: KeptFile) -> None:
        self._file = file

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Keep a file in the place of the one before.

        Args:
            obj (bytes): Its content.
            filepath (str | Path): Its path.
        """
        self._file.path, self._file.content = str(filepath), obj


class FinishedEpochHook(Hook):
    """Keeps the checkpoint of the last finished epoch in memory; before the first, of its start.

    What was computed of an epoch that is interrupted does not count: random numbers start anew with
    each epoch (:class:`EpochSeedHook`), so that only a training that goes on from the end of one
    equals one that was never interrupted.
    """

    priority = 'VERY_LOW'

    def __init__(self) -> None:
        self.file = KeptFile('last finished epoch')

    def before_train(self, runner: Runner) -> None:
        """Keep the start.

        Args:
            runner (Runner): The runner of the training.
        """
        self._keep(runner, runner.epoch)

    def after_train_epoch(self, runner: Runner) -> None:
        """Keep the epoch.

        Args:
            runner (Runner): The runner of the training.
        """
        self._keep(runner, runner.epoch + 1)

    def _keep(self, runner: Runner, epoch: int) -> None:
        if isinstance(runner.train_loop, EpochBasedTrainLoop):
            runner.save_checkpoint(
                runner.work_dir,
                f'epoch_{epoch}.pth',
                save_param_scheduler=runner.param_schedulers is not None,
                meta=dict(epoch=epoch, iter=runner.iter),
                backend_args=dict(backend=IN_MEMORY, file=self.file),
            )

    def write(self) -> Path | None:
        """Write what is kept, and the note of it, unless it is on the disk.

        Returns:
            Path | None: The checkpoint; None where nothing is kept in this process.
        """
        if self.file.content is None or not is_main_process():
            return None
        checkpoint = Path(self.file.path)
        if not checkpoint.is_file():
            write_atomically(checkpoint, self.file.content)
            write_atomically(checkpoint.with_name('last_checkpoint'), self.file.path)
        return checkpoint


@contextmanager
def sigterm_as_interrupt() -> Iterator[None]:
    """SIGTERM, as SLURM and torchrun send it, interrupts as Ctrl-C does.

    Yields:
        None: While it does; in another thread than the main one it does not.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
