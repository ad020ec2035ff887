"""Values from outside, as messages quote them."""

import reprlib

_MOST = 200


class _Quotes(reprlib.Repr):
    """Like :func:`repr`, of the beginning of what is long or deep."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxlist = self.maxdict = 10
        self.maxstring = self.maxother = 100

    def repr_int(self, value: int, level: int) -> str:
        """Python refuses to print integers of many digits."""
        bits = value.bit_length()
        return repr(value) if bits <= 128 else f'<an integer of {bits} bits>'


_QUOTES = _Quotes()


def shown(value: object) -> str:
    """What stands in a message for a value from outside, which may be anything.

    Lists that hold each other, as a small file can, have a ``repr`` without an end.

    Args:
        value (object): The value.

    Returns:
        str: Its ``repr``, or some 200 characters of it.
    """
    text = _QUOTES.repr(value)
    return text if len(text) <= _MOST else f'{text[:_MOST]}...'
