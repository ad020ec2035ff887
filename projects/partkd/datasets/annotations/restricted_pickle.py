"""A pickle reader for files from outside: numpy arrays, scalars and builtin containers only.

A plain ``pickle.load`` runs whatever a file asks for. This one resolves a dozen names, and none
of them to the real thing: arrays and dtypes are rebuilt from the raw bytes, since numpy's own
``__setstate__`` trusts flags that a file can forge. What Python 2 wrote is read as well.
"""

import mmap
import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from partkd.messages import shown

from .pickle_opcodes import TruncatedPickleError, require_whole

_PLAIN_DTYPE = re.compile(r'[<>=|]?[biufSU]\d+')


class RefusedGlobalError(pickle.UnpicklingError):
    """A pickle asks for something other than arrays, scalars and builtin containers."""


class _Dtype:
    """Stands for ``numpy.dtype`` while reading; takes numbers and strings alone."""

    def __init__(self, code: str, *_: Any) -> None:
        if not isinstance(code, str) or not _PLAIN_DTYPE.fullmatch(code):
            raise RefusedGlobalError(f'numpy.dtype({shown(code)})')
        self.value = np.dtype(code)

    def __setstate__(self, state: tuple) -> None:
        self.value = self.value.newbyteorder(state[1])


class _Array:
    """Stands for ``numpy.ndarray`` while reading; `value` is a read-only view of the bytes."""

    def __init__(self, *_: Any) -> None:
        self.value = np.empty(0)

    def __setstate__(self, state: tuple) -> None:
        _, shape, dtype, is_fortran, raw = state
        order: Literal['C', 'F'] = 'F' if is_fortran else 'C'
        self.value = np.frombuffer(_bytes(raw), dtype.value).reshape(shape, order=order)


def _from_buffer(
    buffer: bytes, dtype: _Dtype, shape: tuple, order: Literal['C', 'F']
) -> np.ndarray:
    return np.frombuffer(buffer, dtype.value).reshape(shape, order=order)


def _scalar(dtype: _Dtype, raw: bytes) -> np.generic:
    return np.frombuffer(_bytes(raw), dtype.value, count=1)[0]


def _bytes(raw: bytes | str) -> bytes:
    """Python 2 wrote bytes as text."""
    return raw.encode('latin1') if isinstance(raw, str) else raw


def _latin1(text: str, encoding: str = 'latin1') -> bytes:
    """How protocols 0 to 2 write bytes."""
    if encoding not in ('latin1', 'latin-1'):
        raise RefusedGlobalError(f'_codecs.encode(..., {shown(encoding)})')
    return text.encode('latin1')


def _no_bytes() -> bytes:
    """How protocols 0 to 2 write empty bytes; ``bytes(n)`` would take any amount of memory."""
    return b''


def _with_both_names(module: str, name: str, stand_in: Any) -> dict[tuple[str, str], Any]:
    """Numpy 1 writes ``numpy.core``, numpy 2 ``numpy._core``."""
    return {(f'numpy.{core}.{module}', name): stand_in for core in ('core', '_core')}


_STAND_INS: dict[tuple[str, str], Any] = {
    ('numpy', 'dtype'): _Dtype,
    ('numpy', 'ndarray'): _Array,
    ('_codecs', 'encode'): _latin1,
    **_with_both_names('multiarray', '_reconstruct', _Array),
    **_with_both_names('multiarray', 'scalar', _scalar),
    **_with_both_names('numeric', '_frombuffer', _from_buffer),
    **{
        (module, name): stand_in
        for module in ('builtins', '__builtin__')
        for name, stand_in in (('set', set), ('frozenset', frozenset), ('bytes', _no_bytes))
    },
}


class _RestrictedUnpickler(pickle.Unpickler):
    known: Mapping[tuple[str, str], Any] = _STAND_INS

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self.known[module, name]
        except KeyError:
            raise RefusedGlobalError(f'{module}.{name}'[:80]) from None


def _unwrap(value: Any, done: dict[int, tuple]) -> Any:
    """Puts arrays and dtypes where their stand-ins are; dicts and lists are changed in place.

    `done` maps the id of a container to itself (which keeps the id taken) and its result: what
    a file names many times is walked once.
    """
    if isinstance(value, (_Array, _Dtype)):
        return value.value
    if not isinstance(value, (tuple, dict, list)):
        return value
    if id(value) in done:
        return done[id(value)][1]
    if isinstance(value, tuple):
        result = tuple([_unwrap(item, done) for item in value])
        done[id(value)] = (value, result)
        return result
    done[id(value)] = (value, value)
    if isinstance(value, dict):
        value.update({key: _unwrap(item, done) for key, item in value.items()})
    else:
        value[:] = [_unwrap(item, done) for item in value]
    return value


def restricted_load(path: str | Path, more: Mapping[tuple[str, str], Any] | None = None) -> Any:
    """Reads one pickle of numpy arrays, numpy scalars and builtin containers.

    Args:
        path (str | Path): The file.
        more (Mapping, optional): What else it may name, by module and name, and what is called in
            its place. Defaults to None, nothing.

    Returns:
        Any: Its content. Arrays are read-only and share the memory of the bytes that were read.

    Raises:
        RefusedGlobalError: For any other global; its text is the name of the global.
        TruncatedPickleError: For a file that ends too early.
        Exception: Whatever a damaged or foreign file makes the unpickler raise.
    """
    with Path(path).open('rb') as file:
        if not file.seek(0, 2):
            raise TruncatedPickleError('it is empty')
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            require_whole(content)
        file.seek(0)
        reader = _RestrictedUnpickler(file, encoding='latin1')
        reader.known = _STAND_INS | dict(more or {})
        return _unwrap(reader.load(), {})
