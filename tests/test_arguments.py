import numpy as np
import pytest

from partkd.arguments import is_integer, is_number, is_one_of, require


@pytest.mark.parametrize('value', [2, 5, np.int64(3), np.uint8(2)])
def test_integers(value):
    assert is_integer(value, 2, 5) and is_number(value, 2, 5)


@pytest.mark.parametrize('value', [1, 6, True, '3', None, [3], np.nan, np.arange(3), 10**400, 1j])
def test_no_integers(value):
    assert not is_integer(value, 2, 5) and not is_number(value, 2, 5)


def test_numbers():
    assert is_number(0.5, 0, 1) and is_number(np.float32(0.5), 0, 1) and not is_integer(0.5)
    assert not is_number(np.inf, 0, 1) and not is_number(1.01, 0, 1)


@pytest.mark.parametrize('value', ['c', '', None, ['a'], {}, 1])
def test_choices(value):
    assert is_one_of('a', ('a', 'b')) and not is_one_of(value, ('a', 'b'))


def test_what_it_is_otherwise_is_said():
    require('Thing: size', 3, True, 'it is even')
    with pytest.raises(ValueError, match=r'^Thing: size=3, it is even$'):
        require('Thing: size', 3, False, 'it is even')
