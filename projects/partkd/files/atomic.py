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
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f'.{path.name}.{os.getpid()}')
    try:
        with part.open('wb') as file:
            yield file
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
