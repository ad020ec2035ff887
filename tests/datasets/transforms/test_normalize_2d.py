import numpy as np
import pytest
from mmaction.datasets.transforms import PreNormalize2D

from partkd.datasets import FillMissingFrames, NormalizePose2D

HIPS, SHOULDERS, NOSE = [11, 12], [5, 6], 0


@pytest.fixture
def keypoint() -> np.ndarray:
    """One person, three frames; hip centre at (110, 200) and (110, 220), torso 40; frame 2 empty.

    Only the nose, the shoulders and the hips are there.
    """
    keypoint = np.zeros((1, 3, 17, 2))
    keypoint[0, 0, HIPS] = [(120, 200), (100, 200)]
    keypoint[0, 0, SHOULDERS] = [(125, 160), (95, 160)]
    keypoint[0, :2, NOSE] = (110, 130)
    keypoint[0, 1, HIPS] = [(120, 220), (100, 220)]
    keypoint[0, 1, SHOULDERS] = [(125, 180), (95, 180)]
    return keypoint


def test_body_by_hand(keypoint, make_results):
    result = NormalizePose2D('body')(make_results(keypoint))['keypoint']
    assert result.dtype == np.float32
    # centre (110, 210), scale 40
    np.testing.assert_allclose(result[0, 0, NOSE], [0, -2])
    np.testing.assert_allclose(result[0, 0, HIPS], [(0.25, -0.25), (-0.25, -0.25)])
    np.testing.assert_allclose(result[0, 1, SHOULDERS], [(0.375, -0.75), (-0.375, -0.75)])


def test_missing_joints_and_frames_stay_zero(keypoint, make_results):
    result = NormalizePose2D('body')(make_results(keypoint))['keypoint']
    missing = ~keypoint.any(-1)
    assert missing.sum() == 12 * 2 + 17 and not result[missing].any()


def test_only_frames_with_hips_count(keypoint, make_results):
    keypoint[0, 1, HIPS] = 0
    result = NormalizePose2D('body')(make_results(keypoint))['keypoint']
    np.testing.assert_allclose(result[0, 0, NOSE], [0, (130 - 200) / 40])


def test_size_is_the_median(keypoint, make_results):
    frames = np.repeat(keypoint[:, :1], 5, axis=1)
    frames[0, 4, SHOULDERS] -= (0, 1000)
    result = NormalizePose2D('body')(make_results(frames))['keypoint']
    np.testing.assert_allclose(result[0, 0, NOSE], [0, -70 / 40], atol=1e-6)


def test_without_hips_the_visible_joints_decide(make_results):
    keypoint = np.zeros((1, 2, 17, 2))
    keypoint[0, 0, [0, 5, 6]] = [(10, 10), (40, 40), (10, 70)]  # 30 x 60
    result = NormalizePose2D('body')(make_results(keypoint))['keypoint']
    # centre (20, 40), a third of the longer side: 20
    np.testing.assert_allclose(result[0, 0, [0, 5, 6]], [(-0.5, -1.5), (1, 0), (-0.5, 1.5)])


def test_one_visible_joint_is_finite(make_results):
    keypoint = np.zeros((1, 2, 17, 2))
    keypoint[0, 0, 3] = (7, 9)
    result = NormalizePose2D('body')(make_results(keypoint))['keypoint']
    assert np.isfinite(result).all() and not result.any()


def test_persons_keep_their_distance(keypoint, make_results):
    two = np.concatenate([keypoint, np.where(keypoint > 0, keypoint + (80, 0), 0)])
    result = NormalizePose2D('body')(make_results(two))['keypoint']
    np.testing.assert_allclose(result[1, :2, NOSE] - result[0, :2, NOSE], [(2, 0)] * 2, atol=1e-6)


def test_independent_of_place_and_size(random_results):
    one, other = random_results(persons=1), random_results(persons=1)
    other['keypoint'] = other['keypoint'] * 50 + np.float32([30, -8])
    one, other = (NormalizePose2D()(item)['keypoint'] for item in (one, other))
    np.testing.assert_allclose(one, other, atol=1e-4)


def test_filled_joints_are_normalised_too(keypoint, make_results):
    results = NormalizePose2D()(FillMissingFrames()(make_results(keypoint)))
    np.testing.assert_array_equal(results['keypoint'][0, 2], results['keypoint'][0, 1])
    assert results['keypoint'][0, 2, NOSE].any() and not results['keypoint_score'][0, 2].any()


def test_image_equals_mmaction(keypoint, make_results):
    results = make_results(keypoint, img_shape=(240, 320))
    expected = PreNormalize2D()({'keypoint': keypoint.copy(), 'img_shape': (240, 320)})['keypoint']
    result = NormalizePose2D('image')(results)['keypoint']
    visible = keypoint.any(-1)
    np.testing.assert_allclose(result[visible], expected[visible], rtol=1e-6)
    assert not result[~visible].any()  # where mmaction2 gives (-1, -1)


def test_image_needs_a_size(keypoint, make_results):
    with pytest.raises(ValueError, match='clip clip has no img_shape: set img_shape='):
        NormalizePose2D('image')(make_results(keypoint))
    result = NormalizePose2D('image', img_shape=(240, 320))(make_results(keypoint))
    np.testing.assert_allclose(result['keypoint'][0, 0, NOSE], [110 / 160 - 1, 130 / 120 - 1])


def test_bad_use(random_results):
    with pytest.raises(ValueError, match=r'needs 2 coordinates.*3 \(clip clip\).*NormalizePose3D'):
        NormalizePose2D()(random_results('nturgb+d', channels=3))
    with pytest.raises(ValueError, match="mode='box'"):
        NormalizePose2D('box')
