"""Checkpoints of which a process that ends at any moment loses none."""

import os
from pathlib import Path
from typing import Any

from mmaction.registry import HOOKS
from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend, register_backend
from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner

from partkd.files import replacing, write_atomically

BACKEND = 'CheckpointBackend'


@register_backend(BACKEND)
class CheckpointBackend(LocalBackend):
    """Writes files whole or not at all, and removes them when it is told to for good."""

    def __init__(self) -> None:
        self._outdated: list[str] = []

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write a file, which is on the disk for certain before it takes its name.

        Args:
            obj (bytes): Its content.
            filepath (str | Path): The file.
        """
        with replacing(filepath) as file:
            file.write(obj)
            file.flush()
            os.fsync(file.fileno())

    def remove(self, filepath: str | Path) -> None:
        """Remove a file, once :meth:`remove_outdated` is called.

        Args:
            filepath (str | Path): The file.
        """
        self._outdated.append(str(filepath))

    def remove_outdated(self) -> None:
        """Remove what was to be removed."""
        while self._outdated:
            Path(self._outdated.pop()).unlink(missing_ok=True)


@HOOKS.register_module()
class AtomicCheckpointHook(CheckpointHook):
    """mmengine's ``CheckpointHook`` in an order that keeps one whole checkpoint at any moment.

    That one removes the old checkpoint, writes the new one, and then the note ``last_checkpoint``,
    from which a training goes on; a process that ends in between leaves nothing to go on from, or
    half of it. This one writes, notes and removes, each whole or not at all. Checkpoints lie on a
    local disk.

    Args:
        interval (int): Epochs, or steps, between two checkpoints. Defaults to -1, none.
        **kwargs: Of mmengine's hook, but ``backend_args``.
    """

    def __init__(self, interval: int = -1, **kwargs: Any) -> None:
        super().__init__(interval, backend_args=dict(backend=BACKEND), **kwargs)

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        """mmengine's in another order."""
        if self.max_keep_ckpts > 0 and step not in list(self.keep_ckpt_ids)[-1:]:
            if len(self.keep_ckpt_ids) == self.max_keep_ckpts:
                outdated = self.filename_tmpl.format(self.keep_ckpt_ids.popleft())
                self.file_backend.remove(self.file_backend.join_path(self.out_dir, outdated))
            self.keep_ckpt_ids.append(step)
            runner.message_hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))
        name = self.filename_tmpl.format(step)
        self.last_ckpt = self.file_backend.join_path(self.out_dir, name)
        runner.message_hub.update_info('last_ckpt', self.last_ckpt)
        runner.save_checkpoint(
            self.out_dir,
            name,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        if is_main_process():
            write_atomically(Path(runner.work_dir, 'last_checkpoint'), self.last_ckpt)
            self.file_backend.remove_outdated()

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        """mmengine's, which removes the best one before it writes a better one."""
        super()._save_best_checkpoint(runner, metrics)
        self.file_backend.remove_outdated()
