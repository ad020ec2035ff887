import numpy as np
import pytest

from partkd.datasets import NormalizePose2D, ProjectPose


def test_depth_is_gone_and_nothing_else(random_results):
    results = random_results('kinect_v1', channels=3)
    before = results['keypoint'].copy()
    after = ProjectPose()(results)['keypoint']
    np.testing.assert_array_equal(after, before[..., :2])


def test_what_follows_sees_no_depth(random_results):
    one, other = (random_results('kinect_v1', channels=3) for _ in range(2))
    other['keypoint'][..., 2] = 7
    steps = ProjectPose(), NormalizePose2D()
    for step in steps:
        one, other = step(one), step(other)
    np.testing.assert_array_equal(one['keypoint'], other['keypoint'])


def test_a_flat_clip_is_refused(random_results):
    with pytest.raises(ValueError, match='ProjectPose needs 3 coordinates, keypoint has 2'):
        ProjectPose()(random_results(channels=2))


@pytest.mark.parametrize('signs', [(1, -1), (-1, -1)])
def test_axes_may_point_the_other_way(random_results, signs):
    results = random_results('kinect_v1', channels=3)
    before = results['keypoint'].copy()
    after = ProjectPose(signs)(results)['keypoint']
    np.testing.assert_array_equal(after, before[..., :2] * signs)
    with pytest.raises(ValueError, match='signs'):
        ProjectPose((1, 2))
