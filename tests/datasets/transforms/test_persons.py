import numpy as np
import pytest

from partkd.datasets import KeepPersons
from partkd.datasets.transforms.persons import mean_scores, movement, sizes


@pytest.fixture
def results(make_results) -> dict:
    """Person 0 has the best scores, person 1 moves most, person 2 is largest, 3 is like 0."""
    random = np.random.default_rng(0)
    keypoint = np.repeat(random.uniform(1, 2, size=(4, 1, 17, 2)), 6, axis=1).astype(np.float32)
    keypoint[3] = keypoint[0]
    keypoint[1, :, 9] += 5 * np.arange(6)[:, None]
    keypoint[2] *= 20
    scores = np.ones((4, 6, 17), np.float32) * np.float32([0.9, 0.8, 0.7, 0.9])[:, None, None]
    scores[1, 3] = keypoint[1, 3] = 0  # not seen in one frame
    return make_results(keypoint, score=scores)


def by_loops(results: dict, measure: str) -> list[float]:
    values = []
    for person, scores in zip(results['keypoint'].astype(float), results['keypoint_score']):
        if measure == 'score':
            values.append(float(np.mean(scores)))
        elif measure == 'movement':
            seen = [person[scores[:, v] > 0, v] for v in range(17)]
            values.append(sum(joint[:, c].std() for joint in seen for c in range(2)))
        else:
            boxes = [person[t][scores[t] > 0] for t in range(6)]
            diagonals = [np.linalg.norm(np.ptp(box, axis=0)) if len(box) else 0 for box in boxes]
            values.append(float(np.mean(diagonals)))
    return values


@pytest.mark.parametrize(
    ('measure', 'function'), [('score', mean_scores), ('movement', movement), ('size', sizes)]
)
def test_measures_equal_loops(results, measure, function):
    np.testing.assert_allclose(function(results), by_loops(results, measure), rtol=1e-5)


@pytest.mark.parametrize(
    ('by', 'number', 'kept'),
    [
        ('score', 1, [0]),  # 3 is as good, and comes later
        ('score', 3, [0, 2, 3]),  # 1 is not seen all the time
        ('movement', 1, [1]),
        ('size', 1, [2]),
        ('size', 2, [1, 2]),
        ('score', 4, [0, 1, 2, 3]),
        ('score', 9, [0, 1, 2, 3]),
    ],
)
def test_those_with_most_of_it_are_kept_in_their_order(results, by, number, kept):
    keypoint, scores = results['keypoint'].copy(), results['keypoint_score'].copy()
    after = KeepPersons(number, by)(results)
    np.testing.assert_array_equal(after['keypoint'], keypoint[kept])
    np.testing.assert_array_equal(after['keypoint_score'], scores[kept])


def test_nobody_stays_nobody(make_results):
    empty = make_results(np.zeros((0, 6, 17, 2), np.float32))
    for by in ('score', 'movement', 'size'):
        assert len(KeepPersons(1, by)(dict(empty))['keypoint']) == 0


@pytest.mark.parametrize('settings', [dict(max_persons=0), dict(max_persons=1, by='age')])
def test_what_it_cannot_be(settings):
    with pytest.raises(ValueError, match='KeepPersons: '):
        KeepPersons(**settings)
