"""What a pickle asks for is held against what it has, before it is read.

A few bytes may name an item of gigabytes, or a place in the reader's memo for which it makes a
table as long. Tuples that hold one another have a hash that takes twice as long with each level.
"""

import mmap
import pickle
import pickletools
from collections.abc import Iterator

_DEEPEST = 20  # arrays are built of tuples in tuples
_PUTS, _MEMOIZE, _GETS = frozenset(b'pqr'), 0x94, frozenset(b'ghj')
_MARK, _DUP, _FRAME, _STOP = ord('('), ord('2'), 0x95, ord('.')
_NUMBERED = _PUTS | _GETS | {_FRAME}
_TUPLES = frozenset((ord('t'), 0x85, 0x86, 0x87))
_TWO_LINES = frozenset(b'ci')
# How many bytes the lengths of what follows take.
_LENGTHS = {
    pickletools.TAKEN_FROM_ARGUMENT1: 1,
    pickletools.TAKEN_FROM_ARGUMENT4: 4,
    pickletools.TAKEN_FROM_ARGUMENT4U: 4,
    pickletools.TAKEN_FROM_ARGUMENT8U: 8,
}
# By opcode: how many bytes follow, or less than 0, see pickletools; and what becomes of the stack:
# whether all since the last mark is taken, how many items (of those before it) are, and whether
# one is put there.
_SIZES: list[int | None] = [None] * 256
_EFFECTS: list[tuple[bool, int, bool]] = [(False, 0, False)] * 256
for _opcode in pickletools.opcodes:
    _before = _opcode.stack_before
    _has_mark = pickletools.markobject in _before
    _taken = _before.index(pickletools.markobject) if _has_mark else len(_before)
    _SIZES[ord(_opcode.code)] = _opcode.arg.n if _opcode.arg else 0
    _EFFECTS[ord(_opcode.code)] = _has_mark, _taken, bool(_opcode.stack_after)
_PUSHES = frozenset(code for code, effect in enumerate(_EFFECTS) if effect == (False, 0, True))
_SPECIAL = _PUTS | _GETS | {_MEMOIZE, _MARK, _DUP}
_PUSHES -= _SPECIAL


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
        NoPickleError: If a byte is no opcode, the memo is to have more places than there were
            opcodes to fill them, or tuples lie too deep in one another.
    """
    try:
        _follow(_opcodes(content))
    except (IndexError, ValueError) as error:
        raise NoPickleError(f'an opcode finds nothing to work on ({error})') from None


def _opcodes(content: bytes | mmap.mmap) -> Iterator[tuple[int, int]]:
    """Opcodes to the last one, with the places of the memo that some name."""
    place, end = 0, len(content)
    while place < end:
        code = content[place]
        size = _SIZES[code]
        if size is None:
            raise NoPickleError(f'byte {place} is {code:#x}, no opcode')
        start = place + 1
        if size >= 0:
            place = start + size
            number = int.from_bytes(content[start:place], 'little') if code in _NUMBERED else 0
        elif size in _LENGTHS:
            place = start + _LENGTHS[size]
            number = int.from_bytes(content[start:place], 'little')
            place += number
        else:
            for _ in range(2 if code in _TWO_LINES else 1):
                place = content.find(b'\n', place) + 1 or end + 1
            number = int(content[start:place]) if code in _NUMBERED and place <= end else 0
        if place > end or (code == _FRAME and number > end - place):
            break
        if code == _STOP:
            return
        yield code, number
    raise TruncatedPickleError(f'it ends after {end} bytes, in an item')


def _follow(opcodes: Iterator[tuple[int, int]]) -> None:
    """Tells of each item how deep tuples lie in one another in it, at most, and no more."""
    stack: list[int] = []
    marks: list[int] = []
    memo = bytearray()
    for count, (code, number) in enumerate(opcodes, 1):
        if code in _PUSHES:  # most of all
            stack.append(0)
        elif code not in _SPECIAL:
            has_mark, taken, is_put = _EFFECTS[code]
            first = (marks.pop() if has_mark else len(stack)) - taken
            if first < 0:
                raise IndexError('too few items')
            depth = max(stack[first:], default=0) + (code in _TUPLES)
            if depth > _DEEPEST:
                raise NoPickleError(f'tuples lie {depth} deep in one another')
            del stack[first:]
            if is_put:
                stack.append(depth)
        elif code == _MEMOIZE:
            memo.append(stack[-1])
        elif code in _PUTS:
            if number > count:  # picklers count up, by one for an item or none
                raise NoPickleError(f'item {number} of the memo is written after {count} opcodes')
            memo.extend(bytes(max(number + 1 - len(memo), 0)))
            memo[number] = stack[-1]
        elif code in _GETS:
            stack.append(memo[number])
        elif code == _MARK:
            marks.append(len(stack))
        else:  # _DUP
            stack.append(stack[-1])
