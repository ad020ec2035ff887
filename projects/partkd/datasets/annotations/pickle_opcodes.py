"""What a pickle asks for is held against what it has, before it is read.

A few bytes may name an item of gigabytes, or a place in the reader's memo for which it makes a
table as long.
"""

import mmap
import pickle
import pickletools

_PUT, _BINPUT, _LONG_BINPUT = b'pqr'
_FRAME, _STOP = 0x95, ord('.')
_TWO_LINES = b'ci'
# How many bytes the lengths of what follows take.
_LENGTHS = {
    pickletools.TAKEN_FROM_ARGUMENT1: 1,
    pickletools.TAKEN_FROM_ARGUMENT4: 4,
    pickletools.TAKEN_FROM_ARGUMENT4U: 4,
    pickletools.TAKEN_FROM_ARGUMENT8U: 8,
}
# By opcode: how many bytes follow, or less than 0, see pickletools.
_SIZES: list[int | None] = [None] * 256
for _opcode in pickletools.opcodes:
    _SIZES[ord(_opcode.code)] = _opcode.arg.n if _opcode.arg else 0


class TruncatedPickleError(pickle.UnpicklingError):
    """A pickle ends before its last opcode."""


class NoPickleError(pickle.UnpicklingError):
    """Bytes that no pickler writes."""


def require_whole(content: bytes | mmap.mmap) -> None:
    """Walks over the opcodes of a pickle without making anything of them.

    Args:
        content (bytes | mmap.mmap): The pickle; what follows it does not count.

    Raises:
        TruncatedPickleError: If it ends too early, or an item in it would be longer than the rest.
        NoPickleError: If a byte is no opcode, or the memo is to have more places than there were
            opcodes to fill them.
    """
    try:
        _walk(content)
    except IndexError:
        raise TruncatedPickleError(f'it ends after {len(content)} bytes, in an item') from None


def _walk(content: bytes | mmap.mmap) -> None:
    place, count, end = 0, 0, len(content)
    while True:
        code = content[place]
        size = _SIZES[code]
        count += 1
        start = place + 1
        if size is None:
            raise NoPickleError(f'byte {place} is {code:#x}, no opcode')
        if size >= 0:
            place = start + size
            if code == _STOP:
                return
            if code == _FRAME and int.from_bytes(content[start:place], 'little') > end - place:
                raise IndexError
            if code in (_BINPUT, _LONG_BINPUT):
                _require_place(int.from_bytes(content[start:place], 'little'), count)
        elif size in _LENGTHS:
            place = start + _LENGTHS[size]
            place += int.from_bytes(content[start:place], 'little')
        else:
            place = _after_line(content, start)
            if code == _PUT:
                _require_place(int(content[start:place]), count)
            if code in _TWO_LINES:
                place = _after_line(content, place)


def _after_line(content: bytes | mmap.mmap, start: int) -> int:
    place = content.find(b'\n', start)
    if place < 0:
        raise IndexError
    return place + 1


def _require_place(place: int, count: int) -> None:
    """Picklers count the places of their memo up, by one for an item or none."""
    if place > count:
        raise NoPickleError(f'item {place} of the memo is to be written after {count} opcodes')
