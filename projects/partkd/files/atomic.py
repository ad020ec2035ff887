"""Writing files so that bad luck loses nothing that was written before."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


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

    Args:
        path (str | Path): The file; its folder is made where it is missing.

    Yields:
        BinaryIO: To write to. It takes the file's place at the end, and is removed after an error.
    """
    path = Path(path)
    require_place(path)
    part = path.with_name(f'.{path.name}.{os.getpid()}')
    try:
        with _named(path):
            with part.open('wb') as file:
                yield file
            os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def make_folder(folder: str | Path) -> None:
    """Make a folder, unless it is there.

    Args:
        folder (str | Path): The folder.

    Raises:
        OSError: If that cannot be, naming it.
    """
    with _named(folder):
        Path(folder).mkdir(parents=True, exist_ok=True)


def require_place(path: str | Path) -> None:
    """Refuse a file that cannot be written, before its content is computed.

    Args:
        path (str | Path): The file; its folder is made where it is missing.

    Raises:
        OSError: Naming it.
    """
    path = Path(path)
    with _named(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(f'{path} is a folder: name a file')


@contextmanager
def _named(path: str | Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise type(error)(
            f'{path} cannot be written ({error.strerror or error}): name a place that can be '
            'written to and has room'
        ) from error
