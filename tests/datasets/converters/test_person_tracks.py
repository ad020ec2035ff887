import itertools

import numpy as np
import pytest

from partkd.datasets.converters.person_tracks import PersonTracker, link_persons


def person(x, score=1.0) -> np.ndarray:
    """Four joints in a square of side 10 at (x, 0): its size is the diagonal, 14.1."""
    return np.array([[x, 0, score], [x + 10, 0, score], [x, 10, score], [x + 10, 10, score]])


def frames(*rows) -> list[np.ndarray]:
    return [np.array([person(x) for x in row]).reshape(-1, 4, 3) for row in rows]


def test_order_does_not_matter():
    keypoint, score = link_persons(frames([0, 50], [51, 1], [2, 52]), 2)
    assert keypoint[:, :, 0, 0].tolist() == [[0, 1, 2], [50, 51, 52]]
    assert score.shape == (2, 3, 4) and score.all()


def test_the_sum_of_distances_is_least():
    """The first of two takes the farther place: greedily the other would be left with none."""
    keypoint, _ = link_persons(frames([0, 6], [6, 12]), 2)
    assert keypoint[:, :, 0, 0].tolist() == [[0, 6], [6, 12]]


@pytest.mark.parametrize('seed', range(5))
def test_as_all_permutations(seed):
    rng = np.random.default_rng(seed)
    before, after = rng.uniform(0, 7, (2, 4))
    keypoint, _ = link_persons(frames(before, after), 4)
    best = min(itertools.permutations(after), key=lambda order: np.abs(before - order).sum())
    assert np.abs(np.diff(keypoint[:, :, 0, 0])).sum() == pytest.approx(np.abs(before - best).sum())


def test_far_away_is_somebody_else():
    keypoint, score = link_persons(frames([0], [7], [15]), 3)
    assert len(keypoint) == 2  # 7 is nearer than half of 14.1, 8 is not
    assert score[:, :, 0].tolist() == [[1, 1, 0], [0, 0, 1]]


def test_found_again_after_a_gap():
    keypoint, score = link_persons(frames([0, 50], [50], [], [1, 50]), 2)
    assert score[:, :, 0].tolist() == [[1, 1, 0, 1], [1, 0, 0, 1]]
    assert keypoint[1, :, 0, 0].tolist() == [0, 0, 0, 1]
    assert not keypoint[1, 1:3].any()


def test_those_seen_most_are_kept():
    detections = [np.array([person(0, 0.1), person(50), person(90, 0.5)]) for _ in range(3)]
    keypoint, score = link_persons(detections, 2)
    assert keypoint[:, 0, 0, 0].tolist() == [50, 90]
    np.testing.assert_allclose(score[:, 0, 0], [1, 0.5])


def test_joints_that_were_seen_decide():
    """A hidden joint lies at 0: it neither counts as near nor makes a person large."""
    first, second = person(100), person(103)
    first[0] = second[1] = 0
    keypoint, _ = link_persons([first[None], second[None]], 2)
    assert len(keypoint) == 1


def test_nobody():
    keypoint, score = link_persons(frames([], []), 2)
    assert keypoint.shape == (0, 2, 0, 2) and score.shape == (0, 2, 0)


def test_persons_are_numbered_as_frames_come():
    tracker = PersonTracker(forget_after=2)
    told = [tracker.update(found) for found in frames([0, 50], [51], [1, 52], [], [], [], [1])]
    assert told == [[0, 1], [1], [0, 1], [], [], [], [2]]


def test_nobody_is_forgotten_without_a_limit():
    tracker = PersonTracker()
    told = [tracker.update(found) for found in frames([0], *[[]] * 50, [1, 60])]
    assert told[-1] == [0, 1]
    with pytest.raises(ValueError, match='forget_after=0'):
        PersonTracker(forget_after=0)
