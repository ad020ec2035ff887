import os
import pickle
import tempfile
from pathlib import Path

import numpy as np
import pytest

from partkd.datasets.annotations.pickle_opcodes import NoPickleError, TruncatedPickleError
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
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, 'one.pkl')
        path.write_bytes(raw)
        return restricted_load(path)


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


PYTHON_2 = {
    # {'x': np.arange(3, dtype='<f4'), 'n': np.int64(-7), 'name': u'clip_a'} in the opcodes of
    # Python 2, in which bytes are texts.
    0: (
        b"(dp1\nS'x'\np2\ncnumpy.core.multiarray\n_reconstruct\np3\n(cnumpy\nndarray\np4\n(I0\ntp5\n"
        b"S'b'\np6\ntp7\nRp8\n(I1\n(I3\ntp9\ncnumpy\ndtype\np10\n(S'f4'\np11\nI0\nI1\ntp12\nRp13\n"
        b"(I3\nS'<'\np14\nNNNI-1\nI-1\nI0\ntp15\nbI00\n"
        b"S'\\x00\\x00\\x00\\x00\\x00\\x00\\x80?\\x00\\x00\\x00@'\np16\ntp17\nbsS'n'\np18\n"
        b"cnumpy.core.multiarray\nscalar\np19\n(g10\n(S'i8'\np20\nI0\nI1\ntp21\nRp22\n(I3\nS'<'\n"
        b"NNNI-1\nI-1\nI0\ntp23\nbS'\\xf9\\xff\\xff\\xff\\xff\\xff\\xff\\xff'\np24\ntp25\nRp26\n"
        b"sS'name'\np27\nVclip_a\np28\ns."
    ),
    2: (
        b'\x80\x02}q\x01(U\x01xq\x02cnumpy.core.multiarray\n_reconstruct\nq\x03cnumpy\nndarray\n'
        b'q\x04K\x00\x85U\x01bq\x05\x87Rq\x06(K\x01K\x03\x85cnumpy\ndtype\nq\x07U\x02f4K\x00K\x01\x87'
        b'Rq\x08(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89'
        b'U\x0c\x00\x00\x00\x00\x00\x00\x80?\x00\x00\x00@tbU\x01ncnumpy.core.multiarray\nscalar\nq\x09'
        b'h\x07U\x02i8K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb'
        b'U\x08\xf9\xff\xff\xff\xff\xff\xff\xff\x86RU\x04nameX\x06\x00\x00\x00clip_au.'
    ),
}


@pytest.mark.parametrize('protocol', PYTHON_2)
def test_reads_what_python_2_wrote(protocol):
    read = load(PYTHON_2[protocol])
    np.testing.assert_array_equal(read.pop('x'), np.array([0, 1, 2], np.float32))
    assert read == {'n': -7, 'name': 'clip_a'} and read['n'].dtype == np.int64


LARGE = 1 << 32


@pytest.mark.parametrize(
    'raw',
    [
        b'\x80\x04\x95' + LARGE.to_bytes(8, 'little') + b'N.',
        b'\x80\x04\x8d' + LARGE.to_bytes(8, 'little') + b'.',
        b'\x80\x04\x8e' + LARGE.to_bytes(8, 'little') + b'.',
        b'\x80\x05\x96' + LARGE.to_bytes(8, 'little') + b'.',
        b'\x80\x02X' + (LARGE - 1).to_bytes(4, 'little') + b'.',
        b'\x80\x03B' + (LARGE - 1).to_bytes(4, 'little') + b'.',
        b'\x80\x02\x8b' + (LARGE // 2 - 1).to_bytes(4, 'little') + b'.',
        b'T' + (LARGE // 2 - 1).to_bytes(4, 'little') + b'.',
        b"S'no end",
        b'N',
        b'',
    ],
    ids=['frame', 'unicode8', 'bytes8', 'bytearray8', 'unicode', 'bytes', 'long', 'string', 'line']
    + ['no stop', 'empty'],
)
def test_an_item_longer_than_the_file_is_not_made(raw):
    with pytest.raises(TruncatedPickleError):
        load(raw)


@pytest.mark.parametrize(
    'raw',
    [b'Nr' + (1 << 28).to_bytes(4, 'little') + b'.', b'Np268435456\n.', b'Nq\xff.'],
    ids=['long_binput', 'put', 'binput'],
)
def test_the_memo_has_no_more_places_than_there_were_opcodes(raw):
    """Python's own reader makes a table of 4 GiB for the first two."""
    with pytest.raises(NoPickleError, match='of the memo is written after 2 opcodes'):
        load(raw)


@pytest.mark.parametrize(
    'end', [b'N}h\x00Ns.', b'\x8fh\x00\x90.', b'.'], ids=['key', 'set', 'alone']
)
@pytest.mark.parametrize(
    'double', [b'2\x86', b'h\x00\x86', b'(h\x00h\x00t'], ids=['dup', 'get', 'mark']
)
def test_tuples_in_tuples_have_no_hash_without_an_end(double, end):
    """Each level of a tuple that holds another one twice doubles the time of its hash."""
    raw = b'\x80\x04)q\x00' + (double + b'q\x00') * 60 + end
    with pytest.raises(NoPickleError, match='tuples lie 21 deep in one another'):
        load(raw)


@pytest.mark.parametrize('raw', [b'0.', b'N\x86.', b'h\x07.', b't.', b'2.', b'q\x00.', b'\x94.'])
def test_opcodes_without_items_are_told(raw):
    with pytest.raises(NoPickleError, match='an opcode finds nothing to work on'):
        load(raw)


@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_large_memos_are_read(protocol):
    names = [f'clip_{number}' for number in range(70_000)]
    assert load(pickle.dumps(names, protocol)) == names
