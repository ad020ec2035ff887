"""Rows of arrays in files."""

import numpy as np
import pytest

from partkd.distillation.stored_rows import StoredRows


def test_rows_come_back_whatever_the_order(tmp_path):
    for shape in ((6,), (6, 2), (6, 2, 3)):
        file = tmp_path / f'{len(shape)}.npy'
        array = StoredRows.create(file, shape, np.dtype('f4'))
        np.testing.assert_array_equal(np.load(file), np.zeros(shape))
        values = np.random.default_rng(0).random(shape, np.float32)
        for rows in ([4, 1], [0], [5, 3, 2], []):
            array.write(np.array(rows, int), values[rows].astype('f8'))
        np.testing.assert_array_equal(np.load(file), values)
        rows = np.array([3, 0, 3, 5])
        read = StoredRows.open(file).read(rows)
        np.testing.assert_array_equal(read, values[rows])
        assert read.dtype == np.float32


def test_a_file_cut_short_is_named(tmp_path):
    array = StoredRows.create(tmp_path / 'a.npy', (4, 8), np.dtype('f4'))
    with array.file.open('r+b') as file:
        file.truncate(array.start + 3 * 32 + 5)
    array.read(np.array([2]))
    with pytest.raises(RuntimeError, match=r'a\.npy could not be read as far as row 3'):
        array.read(np.array([3]))
