"""Arguments that come from configs and files: taken where the signature says so, else refused."""

import ast
import dataclasses
import inspect
import math
import numbers
import types
import typing
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Annotated, Any, Literal, ParamSpec, TypeVar, Union

from partkd.messages import shown

P = ParamSpec('P')
R = TypeVar('R')


@dataclasses.dataclass(frozen=True)
class Bounds:
    """Which numbers an argument may be.

    Args:
        text (str): What they are, for the message: "it is ...".
        low (float): The least one.
        high (float): The greatest one. Defaults to infinity, which it never is itself.
        excluded (tuple[float, ...]): Ends that it is not. Defaults to ().
    """

    text: str
    low: float
    high: float = math.inf
    excluded: tuple[float, ...] = ()

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high and value not in self.excluded


Fraction = Annotated[float, Bounds('a number in [0, 1]', 0, 1)]
PartOfOne = Annotated[float, Bounds('a number in [0, 1)', 0, 1, (1,))]
ShareOfOne = Annotated[float, Bounds('a number in (0, 1]', 0, 1, (0,))]
BetweenZeroAndOne = Annotated[float, Bounds('a number in (0, 1)', 0, 1, (0, 1))]
Positive = Annotated[float, Bounds('a number above 0', 0, excluded=(0,))]
NotNegative = Annotated[float, Bounds('a number that is at least 0', 0)]
Whole = Annotated[int, Bounds('an integer from 1 on', 1)]
Count = Annotated[int, Bounds('an integer from 0 on', 0)]
# What numpy's and PyTorch's generators both take.
Seed = Annotated[int, Bounds('an integer in [0, 2**32)', 0, 2**32 - 1)]


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Has a function, or a class's ``__init__``, refuse arguments that its annotations exclude.

    Of an annotation that says no more than a class, that class is asked for; ``Any``, and what is
    not understood, takes everything. A number is finite, and no bool is one.

    Args:
        function (Callable): With annotations, of numbers such as :data:`Fraction`. A text in an
            ``Annotated`` says in the error what it is.

    Returns:
        Callable: The same. It raises ValueError naming owner, argument and what it may be.
    """
    signature = inspect.signature(function)
    owner = function.__qualname__.removesuffix('.__init__')

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        hints = typing.get_type_hints(function, include_extras=True)
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError as error:
            raise TypeError(f'{owner}: {error}') from None
        for name, value in given.items():
            if signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
                continue
            if name in hints:
                require(value, hints[name], f'{owner}: {name}')
        return function(*args, **kwargs)

    return call


def require(value: object, hint: Any, name: str) -> None:
    """Refuse a value that is not what an annotation says.

    Args:
        value (object): The value.
        hint (Any): The annotation, such as ``list[int]`` or :data:`Fraction`.
        name (str): What the value is, for the error.

    Raises:
        ValueError: Naming it, with what it may be.
    """
    if not _fits(value, hint):
        raise ValueError(f'{name}={shown(value)}: it is {_described(hint)}')


def require_fields(record: Any) -> None:
    """Refuse an instance of a dataclass in which a field is not what its annotation says.

    Args:
        record (Any): The instance.

    Raises:
        ValueError: Naming the first such field.
    """
    hints = typing.get_type_hints(type(record), include_extras=True)
    for field in dataclasses.fields(record):
        require(getattr(record, field.name), hints[field.name], field.name)


class _NONE:
    """What no value is."""


def _fits(value: Any, hint: Any) -> bool:
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        bounds = [one for one in parts[1:] if isinstance(one, Bounds)]
        return _fits(value, parts[0]) and all(value in one for one in bounds)
    if origin in (Union, types.UnionType):
        return any(_fits(value, part) for part in parts)
    if origin is Literal:
        return any(type(value) is type(part) and value == part for part in parts)
    if hint in (int, float):
        kind = numbers.Integral if hint is int else numbers.Real
        return not isinstance(value, bool) and isinstance(value, kind) and math.isfinite(value)
    if hint is None or hint is types.NoneType:
        return value is None
    if isinstance(origin, type):
        return _holds(value, origin, parts)
    if typing.is_typeddict(hint):
        fields = typing.get_type_hints(hint, include_extras=True)
        is_whole = isinstance(value, dict) and hint.__required_keys__ <= value.keys()
        return is_whole and all(_fits(item, fields.get(key, _NONE)) for key, item in value.items())
    if hint is Any or getattr(hint, '_is_protocol', False):
        return True
    return not isinstance(hint, type) or isinstance(value, hint)


def _holds(value: Any, origin: type, parts: tuple) -> bool:
    """Whether it is a container of the right things; a text is none."""
    if isinstance(value, str | bytes) or (not isinstance(value, origin) and origin is not tuple):
        return False
    if issubclass(origin, tuple):  # which configs write as a list as well
        if not isinstance(value, list | tuple):
            return False
        if parts[-1:] == (...,):
            return all(_fits(item, parts[0]) for item in value)
        return len(value) == len(parts) and all(map(_fits, value, parts))
    if issubclass(origin, Mapping):
        keys, values = parts or (Any, Any)
        return all(_fits(key, keys) and _fits(item, values) for key, item in value.items())
    if issubclass(origin, Collection) and parts:
        return all(_fits(item, parts[0]) for item in value)
    return True


def _described(hint: Any) -> str:
    """What an annotation allows, in words."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return parts[1].text if isinstance(parts[1], Bounds) else str(parts[1])
    if origin in (Union, types.UnionType):
        return ' or '.join(map(_described, parts))
    if origin is Literal:
        return f'one of {", ".join(map(repr, parts))}' if len(parts) > 1 else repr(parts[0])
    if isinstance(origin, type):
        held = [_described(part) for part in parts if part is not ...]
        return f'a {origin.__name__.lower()} of {" and ".join(held)}' if held else origin.__name__
    if typing.is_typeddict(hint):
        fields = typing.get_type_hints(hint)
        return (
            f'a dict with {", ".join(f"{key} ({_described(one)})" for key, one in fields.items())}'
        )
    words = {int: 'an integer', float: 'a number', bool: 'True or False', str: 'a text'}
    if hint is None or hint is types.NoneType:
        return 'None'
    return words.get(hint, f'a {getattr(hint, "__name__", hint)}')


def named_settings(text: str) -> tuple[str, dict[str, Any]]:
    """Read a name with settings, as command lines have them.

    Args:
        text (str): ``NAME``, or ``NAME:key=value,key=value``.

    Returns:
        tuple[str, dict[str, Any]]: The name, and the values by key: what Python reads as a literal,
        else text.

    Raises:
        ValueError: If a setting is none, or is given twice.
    """
    name, _, settings = text.partition(':')
    given: dict[str, Any] = {}
    for setting in filter(None, settings.split(',')):
        key, is_setting, value = setting.partition('=')
        if not is_setting or key in ('type', *given):
            raise ValueError(
                f'{shown(text)}: write settings as {name}:key=value,key=value, each once'
            )
        given[key] = _read_value(value)
    return name, given


def _read_value(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
