import numpy as np
import pytest

from partkd.datasets import FillMissingFrames
from partkd.datasets.transforms.fill import nearest_seen


@pytest.mark.parametrize(
    ('seen', 'nearest'),
    [
        ('1111', [0, 1, 2, 3]),
        ('0010', [2, 2, 2, 2]),
        ('1001', [0, 0, 3, 3]),
        ('10001', [0, 0, 0, 4, 4]),  # two frames are as near: the earlier one
        ('0100', [1, 1, 1, 1]),
        ('1', [0]),
        ('000', [0, 1, 2]),
    ],
)
def test_nearest_seen(seen, nearest):
    seen = np.array([[char == '1' for char in seen]])
    assert nearest_seen(seen).tolist() == [nearest]
    assert nearest_seen(np.repeat(seen[..., None], 3, -1))[..., 1].tolist() == [nearest]


@pytest.fixture
def results(make_results) -> dict:
    """Frames 1 and 2 of person 0 without a detection, joint 3 gone in frame 0 as well."""
    keypoint = np.arange(1, 2 * 5 * 17 * 2 + 1, dtype=np.float32).reshape(2, 5, 17, 2)
    keypoint[0, 1:3] = 0
    keypoint[0, 0, 3] = 0
    return make_results(keypoint)


def test_frames_without_detection_take_the_nearest(results):
    before = results['keypoint'].copy()
    score = results['keypoint_score'].copy()
    after = FillMissingFrames()(results)['keypoint']
    np.testing.assert_array_equal(after[0, 1], before[0, 0])  # joint 3 is missing there, too
    np.testing.assert_array_equal(after[0, 2], before[0, 3])
    np.testing.assert_array_equal(after[1], before[1])
    np.testing.assert_array_equal(after[0, 3:], before[0, 3:])
    np.testing.assert_array_equal(results['keypoint_score'], score)
