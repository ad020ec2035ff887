"""Arguments that come from a config, where anything may stand."""

from typing import Any

import numpy as np

from partkd.messages import shown


def require(name: str, value: Any, is_good: bool, what: str) -> None:
    """Refuses an argument.

    Args:
        name (str): Of the argument, with whose it is.
        value (Any): What was given.
        is_good (bool): Whether that may be.
        what (str): What it is otherwise, as ``'it is a list'``.

    Raises:
        ValueError: If it may not be.
    """
    if not is_good:
        raise ValueError(f'{name}={shown(value)}, {what}')


def is_integer(value: Any, low: int = 0, high: int = 2**63 - 1) -> bool:
    """Whether a value is an integer from ``low`` to ``high``; True and False are none."""
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return is_whole and low <= int(value) <= high


def is_number(value: Any, low: float, high: float) -> bool:
    """Whether a value is a number from ``low`` to ``high``; True and False are none, nor is NaN."""
    is_real = isinstance(value, int | float | np.integer | np.floating)
    return is_real and not isinstance(value, bool) and bool(low <= value <= high)


def is_one_of(value: Any, choices: tuple[str, ...]) -> bool:
    """Whether a value is one of some texts."""
    return isinstance(value, str) and value in choices
