import itertools

import numpy as np
import pytest

from partkd.evaluation import figures, find_weights, fuse_scores


def test_the_fusion_is_the_weighted_mean():
    first, second = np.array([[1.0, 0.0]]), np.array([[0.2, 0.8]])
    np.testing.assert_allclose(fuse_scores([first, second], (3, 1)), [[0.8, 0.2]])


def test_weights_are_the_best_of_all_tenths():
    """Beside loops over tenths; of equally good ones the most even."""
    rng = np.random.default_rng(0)
    labels = rng.integers(4, size=60)
    streams = [rng.random((60, 4)) + k * np.eye(4)[labels] / 4 for k in range(3)]

    def right(weights):
        mean = sum(weight * one for weight, one in zip(weights, streams))
        return int((mean.argmax(1) == labels).sum())

    tenths = [w for w in itertools.product(range(11), repeat=3) if sum(w) == 10]
    most = max(map(right, tenths))
    best = [w for w in tenths if right(w) == most]
    found = [round(10 * weight) for weight in find_weights(streams, labels)]
    assert tuple(found) in best
    assert np.var(found) == min(map(np.var, best))
    assert right((1, 1, 1)) < most  # so that a search is worth while here


def test_streams_that_say_the_same_get_equal_weights():
    scores = np.eye(2)[[0, 1, 1]]
    assert find_weights([scores, scores], np.array([0, 1, 1])) == (0.5, 0.5)


def test_too_many_streams_to_search():
    with pytest.raises(ValueError, match='up to 6 streams, not 7: give the weights'):
        find_weights([np.eye(2)] * 7, np.array([0, 1]))


def test_figures_by_hand():
    values = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
    told = figures(values, np.array([0, 0, 0, 1]))
    assert told == pytest.approx(dict(top1=3 / 4, top5=1, mean1=(2 / 3 + 1) / 2))
