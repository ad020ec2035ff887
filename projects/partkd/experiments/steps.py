"""Steps that leave their result in a directory of their own, and are not done twice."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from partkd.configuration import fingerprint
from partkd.evaluation import environment
from partkd.files import file_digest, write_atomically

DONE = 'done.json'
LOCK = 'lock'


class StepBusyError(RuntimeError):
    """Another process is at work on a step."""


class Step:
    """A step of a chain, in a directory named by what the step is made from.

    A changed config or input gives another directory, so nothing is overwritten. ``done.json``
    is written last and says that the step is finished.

    Args:
        root (str | Path): Where the directory is made.
        name (str): What the step is, such as ``'teacher'``.
        made_from (Any): Configs and files that decide the result, see
            :func:`partkd.configuration.fingerprint`.
    """

    def __init__(self, root: str | Path, name: str, made_from: Any) -> None:
        self.fingerprint = fingerprint(made_from)
        label = re.sub(r'[^a-z0-9]+', '_', name.lower()).strip('_')
        # Names of variants may be longer than a file system takes; the digits tell them apart.
        self.directory = Path(root) / f'{label[:80]}-{self.fingerprint[:8]}'

    def finished(self) -> dict | None:
        """The record of the finished step.

        Returns:
            dict | None: See :meth:`run`; None where the step is not finished.

        Raises:
            ValueError: If an output was changed or removed after the step was finished.
        """
        file = self.directory / DONE
        if not file.is_file():
            return None
        record = json.loads(file.read_text(encoding='utf-8'))
        for output, digest in record['digests'].items():
            path = self.directory / output
            if not path.is_file() or file_digest(path) != digest:
                raise ValueError(
                    f'{path} was changed or removed after its step was finished: delete '
                    f'{self.directory} to do the step again'
                )
        return record

    def run(self, action: Callable[[Path], dict], wait: bool = False) -> dict:
        """Do the step unless it is finished.

        Args:
            action (Callable): Takes the directory, which may hold what an interrupted call left.
                Returns a record that JSON can hold; its ``outputs`` name files in the directory.
            wait (bool): Whether to wait for another process that is at work on it. Defaults to
                False.

        Returns:
            dict: The action's record with ``fingerprint``, ``digests`` of the outputs,
            ``seconds``, ``resumed`` (whether an earlier call was interrupted) and
            ``environment``.

        Raises:
            StepBusyError: If another process is at work on it.
        """
        resumed = self.directory.exists()
        self.directory.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.directory / LOCK, blocking=wait):
                return self.finished() or self._run(action, resumed)
        except Timeout:
            raise StepBusyError(
                f'another process is at work in {self.directory}: wait until it is done, or stop it'
            ) from None

    def _run(self, action: Callable[[Path], dict], resumed: bool) -> dict:
        start, made_with = time.monotonic(), environment()
        record = action(self.directory)
        record.update(
            fingerprint=self.fingerprint,
            digests={name: file_digest(self.directory / name) for name in record['outputs']},
            seconds=time.monotonic() - start,
            resumed=resumed,
            environment=made_with,
        )
        write_atomically(self.directory / DONE, json.dumps(record, indent=1) + '\n')
        return record
