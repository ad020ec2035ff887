import io
import os
import pickle

import numpy as np
import pytest

from partkd.datasets.annotations.restricted_pickle import RefusedGlobalError, restricted_load

VALUES = [
    {'a': [1, 2.5, 'text', None, True], 'b': (1, (2, 3)), 'c': {1, 2}, 'd': frozenset({3})},
    {'raw': b'bytes \xff', 'empty': b''},
]
ARRAYS = [
    np.arange(24, dtype=np.float16).reshape(2, 3, 4),
    np.arange(6, dtype='>f8').reshape(2, 3),
    np.asfortranarray(np.arange(6, dtype=np.int64).reshape(2, 3)),
    np.zeros((1, 0, 17, 2), np.float32),
    np.array(3.5),
    np.array([True, False]),
    np.array(['clip_a', 'b']),
    np.arange(10, dtype=np.uint8)[::2],
]
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def load(raw: bytes):
    return restricted_load(io.BytesIO(raw))


def dumps_reduce(function, *arguments) -> bytes:
    """A pickle that calls a function when it is read."""

    class Call:
        def __reduce__(self):
            return function, arguments

    return pickle.dumps([Call()])


@pytest.mark.parametrize('protocol', PROTOCOLS)
@pytest.mark.parametrize('value', VALUES)
def test_reads_builtin_containers(value, protocol):
    assert load(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize('protocol', PROTOCOLS)
@pytest.mark.parametrize('array', ARRAYS, ids=lambda array: f'{array.dtype}{array.shape}')
def test_reads_arrays(array, protocol):
    read = load(pickle.dumps({'x': [array]}, protocol))['x'][0]
    assert read.dtype == array.dtype and read.shape == array.shape
    np.testing.assert_array_equal(read, array)


@pytest.mark.parametrize('protocol', PROTOCOLS)
@pytest.mark.parametrize('scalar', [np.float32(2.5), np.int64(-7), np.bool_(True), np.str_('ab')])
def test_reads_numpy_scalars(scalar, protocol):
    read = load(pickle.dumps(scalar, protocol))
    assert read == scalar and read.dtype == scalar.dtype


@pytest.mark.parametrize('core', [b'numpy.core', b'numpy._core'])
def test_reads_what_numpy_1_and_2_write(core):
    raw = pickle.dumps([np.arange(3.0), np.float64(2)], protocol=0)
    raw = raw.replace(b'numpy._core', b'numpy.core').replace(b'numpy.core', core)
    array, scalar = load(raw)
    np.testing.assert_array_equal(array, [0, 1, 2])
    assert scalar == 2


def test_an_array_named_twice_is_read_once():
    array = np.arange(3)
    first, second = load(pickle.dumps([array, {'again': array}]))
    assert first is second['again']


def test_nested_sharing_takes_no_time():
    """A file of 200 bytes may stand for 2 ** 60 lists."""
    nested = []
    for _ in range(60):
        nested = [nested, nested]
    assert len(load(pickle.dumps(nested))) == 2


@pytest.mark.parametrize(
    ('raw', 'name'),
    [
        (dumps_reduce(os.system, 'touch {marker}'), r'system'),
        (dumps_reduce(eval, '__import__("os").system("touch {marker}")'), r'builtins\.eval'),
        (dumps_reduce(open, '{marker}', 'w'), r'open'),
        (dumps_reduce(getattr, {}, 'keys'), r'builtins\.getattr'),
        (dumps_reduce(np.load, '{marker}'), r'numpy\.load'),
        (dumps_reduce(np.fromfile, '{marker}'), r'fromfile'),
        (pickle.dumps(np.random.RandomState(0)), r'numpy\.random'),
    ],
)
def test_refuses_globals_and_runs_nothing(raw, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RefusedGlobalError, match=name):
        load(raw)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('dtype', [object, np.dtype([('a', 'f4')]), 'V8', 'M8[s]'])
def test_refuses_dtypes_that_are_no_numbers(dtype):
    with pytest.raises(RefusedGlobalError, match=r'numpy\.dtype'):
        load(pickle.dumps(np.zeros(2, dtype)))


def test_forged_dtype_flags_do_nothing():
    """Numpy's own reader takes an object flag from the file and then follows raw bytes."""

    class Forged:
        def __reduce__(self):
            return np.dtype, ('f8', False, True), (3, '<', None, None, None, -1, -1, 63)

    reduced = np.zeros(2).__reduce__()

    class Array:
        def __reduce__(self):
            version, shape, _, order, raw = reduced[2]
            return reduced[0], reduced[1], (version, shape, Forged(), order, raw)

    read = load(pickle.dumps(Array()))
    assert not read.dtype.hasobject
    np.testing.assert_array_equal(read, [0, 0])


def test_an_array_with_too_few_bytes_is_an_error():
    reduced = np.zeros(4).__reduce__()

    class Array:
        def __reduce__(self):
            version, _, dtype, order, raw = reduced[2]
            return reduced[0], reduced[1], (version, (10**6,), dtype, order, raw)

    with pytest.raises(ValueError, match='reshape'):
        load(pickle.dumps(Array()))
