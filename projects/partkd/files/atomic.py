"""Writing files so that bad luck loses nothing that was written before."""

import errno
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_OF_A_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO)
_HAS_LOCKS = sys.platform != 'win32'  # where nobody can remove a file that is open
if _HAS_LOCKS:
    import fcntl


def write_atomically(path: str | Path, content: str | bytes) -> None:
    """Write a file so that it is there whole or not at all.

    Args:
        path (str | Path): The file; its folder is made where it is missing.
        content (str | bytes): Its content.
    """
    with replacing(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextmanager
def replacing(path: str | Path) -> Iterator[BinaryIO]:
    """Write a file piece by piece so that it is there whole or not at all.

    It has the permissions of the file whose place it takes, or of a new one. What writers that were
    killed have left of it is removed.

    Args:
        path (str | Path): The file; its folder is made where it is missing.

    Yields:
        BinaryIO: To write to. It takes the file's place at the end, and is removed after an error.
    """
    path = Path(path)
    require_place(path)
    with naming_errors(path):
        _remove_leftovers(path)
        part, file = _open_part(path)
        try:
            with file:
                with suppress(FileNotFoundError):
                    shutil.copymode(path, part)
                yield file
                file.flush()
                if _HAS_LOCKS:
                    os.replace(part, path)
            if not _HAS_LOCKS:
                os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def make_folder(folder: str | Path) -> None:
    """Make a folder, unless it is there, to write to.

    Args:
        folder (str | Path): The folder.

    Raises:
        OSError: If it cannot be made or written to, naming it.
    """
    folder = Path(folder)
    with naming_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f'{folder} is read-only: name a place that can be written to')


def require_place(path: str | Path) -> None:
    """Refuse a file that cannot be written, before its content is computed.

    Args:
        path (str | Path): The file; its folder is made where it is missing.

    Raises:
        OSError: Naming it.
    """
    path = Path(path)
    make_folder(path.parent)
    if path.is_dir():
        raise IsADirectoryError(f'{path} is a folder: name a file')


@contextmanager
def naming_errors(path: str | Path) -> Iterator[None]:
    """Have the system's errors in writing a file name it, and what can be done.

    Args:
        path (str | Path): The file or folder.

    Raises:
        OSError: In the place of one of this file or folder, or of a disk; an error that is of
            another file stays as it is.
    """
    path = Path(path)
    try:
        yield
    except OSError as error:
        if not _is_in_writing(error, path):
            raise
        raise type(error)(
            f'{path} cannot be written ({error.strerror}): name a place that can be written to '
            'and has room'
        ) from error


def _is_in_writing(error: OSError, path: Path) -> bool:
    """Whether an error is one of writing this file or folder, and not named already."""
    if error.errno is None:
        return False
    if not isinstance(error.filename, str):  # none, or the number of an open file
        return error.errno in _OF_A_DISK
    told = Path(error.filename)
    is_part = told.parent == path.parent and told.name.startswith(f'.{path.name}.')
    if is_part or told in (path, *path.parents):
        return True
    return path in told.parents and error.errno != errno.ENOENT  # something to read is missing


def reserve(path: str | Path, size: int) -> None:
    """Take the room that a file needs, which is otherwise taken when a page is first written to.

    A full disk then ends the process by a signal.

    Args:
        path (str | Path): The file, which is there.
        size (int): Its bytes.

    Raises:
        OSError: If there is not as much room, naming the file.
    """
    with naming_errors(path), open(path, 'r+b') as file:
        if hasattr(os, 'posix_fallocate') and size:
            os.posix_fallocate(file.fileno(), 0, size)


def _open_part(path: Path) -> tuple[Path, BinaryIO]:
    """A new file beside another, locked as long as it is open."""
    while True:
        # A name that nobody can foresee, which has to be new: no link of another's is followed.
        part = path.with_name(f'.{path.name}.{secrets.token_hex(8)}.part')
        file = part.open('xb')
        if not _HAS_LOCKS:
            return part, file
        with suppress(OSError):  # where locks are unknown, nobody removes it either
            fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return part, file
        file.close()  # removed between the two, for a leftover


def _remove_leftovers(path: Path) -> None:
    """Removes what writers of this file left that are no more: their locks went with them."""
    if not _HAS_LOCKS:
        return
    leftover = re.compile(rf'\.{re.escape(path.name)}\.[0-9a-f]{{16}}\.part')
    with os.scandir(path.parent) as entries:
        names = [entry.name for entry in entries if leftover.fullmatch(entry.name)]
    for name in names:
        with suppress(OSError), path.with_name(name).open('rb') as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.with_name(name).unlink()
