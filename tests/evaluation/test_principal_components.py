import numpy as np
import pytest

from partkd.evaluation import principal_components


def test_beside_the_eigenvectors_of_the_covariance():
    values = np.random.default_rng(0).normal(size=(30, 4)) @ np.diag([3, 2, 1, 0.5])
    places, share = principal_components(values)
    variances, directions = np.linalg.eigh(np.cov(values.T))
    for axis in (0, 1):
        expected = (values - values.mean(0)) @ directions[:, -1 - axis]
        sign = np.sign(expected[np.abs(expected).argmax()])
        np.testing.assert_allclose(places[:, axis], sign * expected)
    assert share == pytest.approx(variances[-2:].sum() / variances.sum())


def test_rows_that_are_all_the_same():
    places, share = principal_components(np.ones((3, 4)))
    assert not places.any() and share == 0
