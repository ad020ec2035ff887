"""Writing files so that bad luck loses nothing that was written before."""

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
