import pickle

import numpy as np
import pytest

from partkd.files import MappedRows


@pytest.mark.parametrize('shape', [(6,), (6, 2), (6, 2, 3)])
def test_rows_come_whatever_the_order(tmp_path, shape):
    values = np.random.default_rng(0).random(shape, np.float32)
    np.save(tmp_path / 'a.npy', values)
    rows = pickle.loads(pickle.dumps(MappedRows(tmp_path / 'a.npy')))
    for wanted in ([3, 0, 3, 5], [], [1]):
        taken = rows.take(np.array(wanted, np.int64))
        np.testing.assert_array_equal(taken, values[wanted])
        assert taken.dtype == np.float32 and taken.flags.writeable


def test_what_has_no_rows_is_refused(tmp_path):
    file = tmp_path / 'a.npy'
    np.save(file, np.asfortranarray(np.ones((4, 2))))
    with pytest.raises(ValueError, match='do not lie one after the other'):
        MappedRows(file).take(np.array([0]))
    np.save(file, np.array([None, {}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match='do not lie one after the other'):
        MappedRows(file).take(np.array([0]))
    np.save(file, np.ones((4, 2)))
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ValueError, match='is not as long as it says'):
        MappedRows(file).take(np.array([0]))
