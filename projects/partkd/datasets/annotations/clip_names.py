"""Names of clips as numpy has them: a million of them take a few bytes each, and no dict."""

from collections.abc import Iterable

import numpy as np


def encode_names(names: Iterable[str]) -> np.ndarray:
    """Makes an array of names; sorted, it is in the order in which Python sorts the names.

    Args:
        names (Iterable[str]): N names.

    Returns:
        np.ndarray: (N,) UTF-8 of the width of the longest one.
    """
    return np.array([name.encode(errors='surrogatepass') for name in names], dtype=np.bytes_)


def decode_names(names: np.ndarray) -> list[str]:
    """The opposite of :func:`encode_names`."""
    return [name.decode(errors='surrogatepass') for name in names.tolist()]


class NameIndex:
    """Finds names by binary search.

    Args:
        names (np.ndarray): (N,) distinct names, see :func:`encode_names`.
    """

    def __init__(self, names: np.ndarray) -> None:
        self._order = np.argsort(names, kind='stable')
        self._sorted = names[self._order]

    def rows(self, names: np.ndarray) -> np.ndarray:
        """Where names are.

        Args:
            names (np.ndarray): (K,) encoded names.

        Returns:
            np.ndarray: (K,) int64 places, -1 for a name that is not there.
        """
        if not len(self._sorted):
            return np.full(len(names), -1)
        # A name that is too long is cut short here and found to differ below. numpy would make
        # all of the sorted names wider instead.
        place = np.searchsorted(self._sorted, names.astype(self._sorted.dtype))
        place = place.clip(max=len(self._sorted) - 1)
        return np.where(self._sorted[place] == names, self._order[place], -1)
