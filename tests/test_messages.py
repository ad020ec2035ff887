import numpy as np
import pytest

from partkd.messages import shown


@pytest.mark.parametrize(
    'value', [None, True, 3, -(2**63), 2.5, 'wave', b'raw', [0, 1], (0, 320), {'a': 1}, {1}, set()]
)
def test_a_short_value_is_its_repr(value):
    assert shown(value) == repr(value)


def nested_lists():
    value = []
    for _ in range(60):
        value = [value, value]
    return value


@pytest.mark.parametrize(
    'value',
    [
        nested_lists(),
        {'a': nested_lists()},
        'x' * 10**6,
        ['x' * 1000] * 1000,
        10**5000,  # Python itself raises an error
        np.zeros(10**6),
        np.array(['x' * 10**6] * 9),
    ],
    ids=['nested', 'dict', 'text', 'texts', 'integer', 'array', 'array of texts'],
)
def test_a_long_value_is_cut(value):
    assert len(shown(value)) <= 203


def test_the_beginning_of_a_long_value_is_there():
    assert shown([f'clip_{i}' for i in range(9)]).startswith("['clip_0', 'clip_1', ")
    assert shown(10**5000) == '<an integer of 16610 bits>'
