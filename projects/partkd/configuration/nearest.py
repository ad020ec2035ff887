"""What somebody may have meant who mistyped a name."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], within: str = '') -> str:
    """A question that ends a message of a name that is not known.

    Args:
        name (str): The name.
        known (Iterable[str]): Those that are.
        within (str): What the name is a piece of, to be asked for as a whole. Defaults to '', the
            name alone.

    Returns:
        str: With the nearest; empty where none is near.
    """
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f': did you mean {(within or name).replace(name, near[0], 1)}?' if near else ''
