"""Folders that are made once, whole or not at all."""

import json
import os
import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from .atomic import make_folder, naming_errors, write_atomically
from .digests import digest, file_digest

RECORD = 'record.json'
STARTED = 'started.json'
LOCK = 'lock'


class BusyError(RuntimeError):
    """Another process is making a folder."""


class ChangedError(ValueError):
    """A folder that was whole is not what it was."""


class MadeOnce:
    """A folder of files that is made once, whole or not at all.

    ``record.json`` is written last and says that the folder is whole: what it was made from and the
    digest of every file. One process makes it at a time. What an interrupted one left is handed to
    the next that makes the same, and removed by one that makes something else.

    Args:
        folder (str | Path): The folder.
        fingerprint (Mapping[str, Any]): What the files depend on, by name, as JSON can hold it.
    """

    def __init__(self, folder: str | Path, fingerprint: Mapping[str, Any]) -> None:
        self.folder = Path(folder)
        self.fingerprint = json.loads(json.dumps(dict(fingerprint)))

    def record(self) -> dict | None:
        """The record of the folder.

        Returns:
            dict | None: See :meth:`make`; None where the folder is not whole, or made from
            something else.

        Raises:
            ChangedError: If a file was changed or removed since.
        """
        record = read_record(self.folder)
        if record is None or record['fingerprint'] != self.fingerprint:
            return None
        return record

    def make(self, action: Callable[[Path], dict], wait: bool = True) -> dict:
        """Make the folder unless it is whole.

        Args:
            action (Callable): Takes the folder, which may hold what an interrupted call left.
                Returns a record that JSON can hold; its ``outputs`` name files in the folder.
            wait (bool): Whether to wait for another process that is at it. Defaults to True.

        Returns:
            dict: The action's record with ``fingerprint``, ``digests`` of the outputs and
            ``resumed``, whether an earlier call was interrupted.

        Raises:
            BusyError: If another process is making it, and this one does not wait.
            ChangedError: If a file was changed or removed since the folder was made.
            FileExistsError: If there is something else in the folder.
            OSError: If the folder cannot be written to, naming it.
        """
        if record := self.record():
            return record
        self._require_own()
        make_folder(self.folder)
        try:
            with naming_errors(self.folder), FileLock(self.folder / LOCK, blocking=wait):
                return self.record() or self._make(action)
        except Timeout:
            raise BusyError(
                f'another process is at work in {self.folder}: wait until it is done, or stop it'
            ) from None

    def discard_changed(self) -> None:
        """Remove what was changed since it was made, so that it can be made again."""
        with FileLock(self.folder / LOCK):
            try:
                read_record(self.folder)
            except ChangedError:  # still: no other process has made it again
                self._clear(keep=(LOCK, STARTED))

    def _make(self, action: Callable[[Path], dict]) -> dict:
        resumed = self._take_over()
        record = action(self.folder)
        digests = {}
        for name in record['outputs']:
            _to_disk(self.folder / name)
            digests[name] = file_digest(self.folder / name)
        record.update(fingerprint=self.fingerprint, digests=digests, resumed=resumed)
        write_atomically(self.folder / RECORD, json.dumps(record, indent=1) + '\n')
        return record

    def _take_over(self) -> bool:
        """Whether an interrupted call left something to go on with; what is not is removed."""
        started = self.folder / STARTED
        mine = digest(self.fingerprint)
        resumed = _read_json(started).get('digest') == mine
        if not resumed:
            # Half removed it is nobody's to go on with, not whole, and still this program's.
            write_atomically(started, json.dumps(dict(digest=None)))
            (self.folder / RECORD).unlink(missing_ok=True)
            self._clear(keep=(LOCK, STARTED))
            write_atomically(started, json.dumps(dict(digest=mine)))
        return resumed

    def _clear(self, keep: Collection[str]) -> None:
        for path in self.folder.iterdir():
            if path.name not in keep:
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def _require_own(self) -> None:
        """Nothing is removed that was not made here."""
        if not self.folder.is_dir() or (self.folder / STARTED).is_file():
            return
        # One that was killed at its very start leaves the lock, and half of the other file.
        ours = (LOCK, f'.{STARTED}.')
        others = [path.name for path in self.folder.iterdir() if not path.name.startswith(ours)]
        if others:
            raise FileExistsError(
                f'{self.folder} holds {min(others)}, which was not made by this program: name '
                'another folder, or empty this one'
            )


def read_record(folder: str | Path) -> dict | None:
    """Read what a folder says of itself.

    Args:
        folder (str | Path): The folder.

    Returns:
        dict | None: The record, see :meth:`MadeOnce.make`; None where the folder is not whole.

    Raises:
        ChangedError: If a file was changed or removed since the folder was made.
    """
    folder = Path(folder)
    record = _read_json(folder / RECORD)
    digests = record.get('digests')
    if not isinstance(record.get('fingerprint'), dict) or not isinstance(digests, dict):
        return None
    for name, value in digests.items():
        if not (folder / name).is_file() or file_digest(folder / name) != value:
            raise ChangedError(
                f'{folder / name} was changed or removed after it was made: delete '
                f'{_outermost(folder)} to make it again'
            )
    return record


def _outermost(folder: Path) -> Path:
    """The folder whose record vouches for that of this folder, which could not go alone."""
    outer = folder.resolve().parent
    digests = _read_json(outer / RECORD).get('digests')
    is_in = isinstance(digests, dict) and f'{folder.resolve().name}/{RECORD}' in digests
    return _outermost(outer) if is_in else folder


def _read_json(file: Path) -> dict:
    try:
        content = json.loads(file.read_text(encoding='utf-8'))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _to_disk(file: Path) -> None:
    """The record must not reach the disk before what it vouches for."""
    with file.open('rb') as content:
        os.fsync(content.fileno())
