"""Refusing numbers that are infinite or none, which would pass for results."""

from collections.abc import Mapping

from torch import Tensor


class NonFiniteError(ValueError):
    """Numbers that are infinite or none (NaN) were about to be taken for a result."""


def require_finite(tensors: Mapping[str, Tensor], whose: str, remedy: str) -> None:
    """Refuse numbers that are infinite or none.

    Args:
        tensors (Mapping[str, Tensor]): By name, of any type.
        whose (str): Whose they are, for the error.
        remedy (str): What to do about it.

    Raises:
        NonFiniteError: Naming the first of them.
    """
    wrong = {name: ~tensor.isfinite() for name, tensor in tensors.items()}
    wrong = {name: places for name, places in wrong.items() if places.any()}
    if wrong:
        name, places = next(iter(wrong.items()))
        others = f', and some of {len(wrong) - 1} others' if len(wrong) > 1 else ''
        raise NonFiniteError(
            f'{whose}: {int(places.sum())} of {places.numel()} numbers of {name} are infinite or '
            f'no numbers (NaN){others}: {remedy}'
        )
