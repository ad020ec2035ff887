"""Writing files so that bad luck loses nothing, and telling them by their content."""

import hashlib
import os
from pathlib import Path


def write_atomically(path: str | Path, content: str | bytes) -> None:
    """Write a file so that it is there whole or not at all.

    Args:
        path (str | Path): The file; its folder is made where it is missing.
        content (str | bytes): Its content.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f'.{path.name}.{os.getpid()}')
    part.write_bytes(content.encode() if isinstance(content, str) else content)
    os.replace(part, path)


def file_digest(path: str | Path) -> str:
    """A short digest of a file's content."""
    sha256 = hashlib.sha256()
    with open(path, 'rb') as file:
        while block := file.read(1 << 20):
            sha256.update(block)
    return sha256.hexdigest()[:16]
