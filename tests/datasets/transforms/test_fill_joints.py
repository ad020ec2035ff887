"""Guesses against loops over single joints."""

import numpy as np
import pytest

from partkd.datasets import FillMissingJoints


@pytest.fixture
def item(random_results):
    results = random_results('coco', frames=15)
    gone = np.random.default_rng(0).random(results['keypoint_score'].shape) < 0.6
    gone[0, :, 3] = True  # never seen
    results['keypoint'][gone] = results['keypoint_score'][gone] = 0
    return results


def guess(by, track, seen, frame):
    """The position of one joint in one frame where it is missing."""
    frames = np.flatnonzero(seen)
    if by == 'mean':
        near = frames[abs(frames - frame) <= 3]
        return track[near].mean(0) if len(near) else 0
    if not len(frames):
        return 0
    if by == 'nearest':
        return track[frames[np.argmin(abs(frames - frame))]]
    return [np.interp(frame, frames, track[frames, axis]) for axis in range(track.shape[1])]


@pytest.mark.parametrize('by', ['linear', 'mean', 'nearest'])
def test_guesses_are_those_of_a_loop(by, item):
    before, seen = item['keypoint'].copy(), item['keypoint_score'] > 0
    expected = before.copy()
    for person, frame, joint in zip(*np.nonzero(~seen), strict=True):
        track, known = before[person, :, joint], seen[person, :, joint]
        expected[person, frame, joint] = guess(by, track, known, frame)
    scores = item['keypoint_score'].copy()
    results = FillMissingJoints(by)(item)
    np.testing.assert_allclose(results['keypoint'], expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(results['keypoint'][seen], before[seen])
    np.testing.assert_array_equal(results['keypoint_score'], scores)
    assert not results['keypoint'][0, :, 3].any()
