"""Telling files and values by their content."""

import hashlib
import json
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from partkd.files import write_atomically

REMEMBERED_FROM = 64 * 2**20
_SETTLED = 2 * 10**9  # nanoseconds; the coarsest clock of a file system ticks that often


def digest(value: Any) -> str:
    """A short digest of a value.

    Args:
        value (Any): Anything that JSON can hold; other objects count by their class.

    Returns:
        str: 16 hexadecimal digits of its SHA-256.
    """
    text = json.dumps(value, sort_keys=True, default=lambda item: type(item).__qualname__)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def file_digest(path: str | Path) -> str:
    """A short digest of a file's content.

    Files of 64 MiB and more are read once: their digest is remembered in a hidden file beside
    them, and believed as long as size, time of change and time of the last change of status stay.
    The last one no program can set, so that neither a copied note nor a file put in another's
    place is believed.

    Args:
        path (str | Path): The file.

    Returns:
        str: 16 hexadecimal digits of its SHA-256.
    """
    path = Path(path)
    state = _state(path)
    if state['size'] < REMEMBERED_FROM:
        return _content_digest(path)
    note = path.with_name(f'.{path.name}.digest.json')
    remembered = _read(note)
    if {key: remembered.get(key) for key in state} == state:
        return str(remembered['digest'])
    started = time.time_ns()
    value = _content_digest(path)
    # A change within one tick of the clock would go unseen.
    settled = max(state['changed'], state['status_changed']) < started - _SETTLED
    if settled and _state(path) == state:
        _write(note, dict(state, digest=value))
    return value


def source_digest(files: Iterable[Path]) -> str:
    """A digest of source code, for what has to be made again when the code that makes it changes.

    Args:
        files (Iterable[Path]): Its files, in any order.

    Returns:
        str: 16 hexadecimal digits.
    """
    contents = sorted(file.read_bytes() for file in files)
    return hashlib.sha256(b'\0'.join(contents)).hexdigest()[:16]


def _content_digest(path: Path) -> str:
    sha256 = hashlib.sha256()
    with path.open('rb') as file:
        while block := file.read(1 << 20):
            sha256.update(block)
    return sha256.hexdigest()[:16]


def _state(path: Path) -> dict[str, int]:
    stat = path.stat()
    return dict(size=stat.st_size, changed=stat.st_mtime_ns, status_changed=stat.st_ctime_ns)


def _read(note: Path) -> dict:
    try:
        content = json.loads(note.read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) and 'digest' in content else {}


def _write(note: Path, content: dict) -> None:
    with suppress(OSError):  # a folder of others, which holds no notes
        write_atomically(note, json.dumps(content))
