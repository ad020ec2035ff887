"""What a signature says of its arguments is held against what is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypedDict

import numpy as np
import pytest

from partkd.arguments import Count, Fraction, Positive, Seed, Whole, checked, require_fields


class Place(TypedDict):
    folder: str


class Thing:
    @checked
    def __init__(
        self,
        share: Fraction = 0.5,
        number: Whole = 1,
        width: Positive = 1.0,
        seed: Seed = 0,
        kind: Literal['a', 'b'] = 'a',
        flag: bool = False,
        name: Annotated[str | None, 'a name, or None'] = None,
        sizes: tuple[Count, Count] | None = None,
        steps: Sequence[dict] = (),
        place: Place | None = None,
        table: dict[str, list[int]] | None = None,
        anything: Any = None,
        **more: Any,
    ) -> None:
        self.share = share


@pytest.mark.parametrize(
    'good',
    [
        dict(share=0),
        dict(share=1.0),
        dict(share=np.float32(0.5)),
        dict(number=np.int64(3)),
        dict(width=1e-9),
        dict(seed=2**32 - 1),
        dict(kind='b'),
        dict(flag=True),
        dict(name='x'),
        dict(sizes=[0, 2]),
        dict(steps=[{}, {}]),
        dict(place=dict(folder='x')),
        dict(table=dict(a=[1])),
        dict(anything=object()),
        dict(other=1),
    ],
)
def test_what_fits_is_taken(good):
    Thing(**good)


@pytest.mark.parametrize(
    ('bad', 'message'),
    [
        (dict(share=1.1), r'Thing: share=1\.1: it is a number in \[0, 1\]'),
        (dict(share=float('nan')), 'share=nan'),
        (dict(share='0.5'), "share='0.5'"),
        (dict(share=True), 'share=True'),
        (dict(share=[0.5]), r'share=\[0\.5\]'),
        (dict(number=0), 'number=0: it is an integer from 1 on'),
        (dict(number=2.0), r'number=2\.0'),
        (dict(width=0), 'width=0: it is a number above 0'),
        (dict(width=float('inf')), 'width=inf'),
        (dict(seed=2**32), 'seed=4294967296'),
        (dict(kind='c'), "kind='c': it is one of 'a', 'b'"),
        (dict(kind=['a']), 'kind='),
        (dict(flag='no'), "flag='no': it is True or False"),
        (dict(flag=1), 'flag=1'),
        (dict(name=1), 'name=1: it is a name, or None'),
        (dict(sizes=(1,)), r'sizes=\(1,\)'),
        (dict(sizes=(1, -1)), 'sizes='),
        (dict(sizes='ab'), "sizes='ab'"),
        (dict(steps='ab'), "steps='ab'"),
        (dict(steps=[1]), r'steps=\[1\]: it is a sequence of a dict'),
        (dict(place=dict(dir='x')), 'place=.*a dict with folder'),
        (dict(place=dict(folder='x', other=1)), 'place='),
        (dict(table=dict(a=1)), 'table='),
        (dict(table={1: [1]}), 'table='),
    ],
)
def test_what_does_not_fit_is_named(bad, message):
    with pytest.raises(ValueError, match=message):
        Thing(**bad)


def test_arguments_that_there_are_not_are_named_with_their_owner():
    @checked
    def make(number: int) -> int:
        return number

    with pytest.raises(TypeError, match="make: got an unexpected keyword argument 'size'"):
        make(1, size=2)
    with pytest.raises(TypeError, match="make: missing a required argument: 'number'"):
        make()
    assert make(3) == 3


def test_fields_of_a_record():
    @dataclass
    class Record:
        name: str
        seeds: list[int]

    require_fields(Record('a', [1, 2]))
    with pytest.raises(ValueError, match=r"seeds=\['x'\]: it is a list of an integer"):
        require_fields(Record('a', ['x']))
