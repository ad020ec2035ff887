import numpy as np
import pytest

from partkd.datasets import NormalizePose3D
from partkd.layouts import get_layout

LAYOUT = get_layout('kinect_v1')
LEFT_HIP, RIGHT_HIP = LAYOUT.hips
LEFT_SHOULDER, RIGHT_SHOULDER = LAYOUT.shoulders
CENTRE = LAYOUT.centre


@pytest.fixture
def keypoint() -> np.ndarray:
    """A person who faces a Kinect: y is up, the camera at -z, the person's right +x. Torso 0.5."""
    keypoint = np.zeros((1, 3, 20, 3))
    keypoint[0, :, LEFT_HIP] = (-0.1, 0, 3)
    keypoint[0, :, RIGHT_HIP] = (0.1, 0, 3)
    keypoint[0, :, LEFT_SHOULDER] = (-0.2, 0.5, 3)
    keypoint[0, :, RIGHT_SHOULDER] = (0.2, 0.5, 3)
    keypoint[0, :, CENTRE] = [(0, 0.3, 3), (0, 0.3, 2.9), (0.1, 0.3, 2.8)]
    return keypoint


def test_centre_by_hand(keypoint, make_results):
    result = NormalizePose3D()(make_results(keypoint, LAYOUT))['keypoint']
    assert result.dtype == np.float32
    expected = [(0, 0, 0), (0, 0, -0.1), (0.1, 0, -0.2)]
    np.testing.assert_allclose(result[0, :, CENTRE], expected, atol=1e-6)
    np.testing.assert_allclose(result[0, 2, LEFT_HIP], (-0.1, -0.3, 0), atol=1e-6)


def test_missing_stays_zero_and_the_first_valid_frame_counts(keypoint, make_results):
    keypoint[0, 0] = 0
    result = NormalizePose3D()(make_results(keypoint, LAYOUT))['keypoint']
    assert not result[~keypoint.any(-1)].any()
    np.testing.assert_allclose(result[0, 2, CENTRE], (0.1, 0, -0.1), atol=1e-6)


def test_centre_of_the_second_person_where_the_first_has_none(keypoint, make_results):
    two = np.concatenate([keypoint, keypoint])
    two[0, :, CENTRE] = 0
    two[1, :, CENTRE] += (1, 0, 0)
    result = NormalizePose3D()(make_results(two, LAYOUT))['keypoint']
    np.testing.assert_allclose(result[1, 0, CENTRE], 0)
    np.testing.assert_allclose(result[0, 0, LEFT_HIP], (-1.1, -0.3, 0), atol=1e-6)


def test_without_centre_joint_the_visible_joints_decide(keypoint, make_results):
    keypoint[0, :, CENTRE] = 0
    result = NormalizePose3D()(make_results(keypoint, LAYOUT))['keypoint']
    np.testing.assert_allclose(result[0, 0][keypoint[0, 0].any(-1)].mean(0), 0, atol=1e-6)


def test_align_by_hand(keypoint, make_results):
    result = NormalizePose3D(align=True)(make_results(keypoint, LAYOUT))['keypoint']
    # Up is z, the person's right is x, what the person faces (the camera, -z) is y.
    np.testing.assert_allclose(result[0, 0, RIGHT_SHOULDER], (0.2, 0, 0.2), atol=1e-6)
    np.testing.assert_allclose(result[0, 0, LEFT_HIP], (-0.1, 0, -0.3), atol=1e-6)
    np.testing.assert_allclose(result[0, 1, CENTRE], (0, 0.1, 0), atol=1e-6)


def test_align_keeps_distances_and_undoes_rotation(random_results):
    plain = NormalizePose3D()(random_results('nturgb+d', channels=3))['keypoint']
    aligned = NormalizePose3D(align=True)(random_results('nturgb+d', channels=3))['keypoint']
    np.testing.assert_allclose(
        np.linalg.norm(plain, axis=-1), np.linalg.norm(aligned, axis=-1), rtol=1e-4, atol=1e-5
    )
    matrix, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    matrix *= np.linalg.det(matrix)
    turned = random_results('nturgb+d', channels=3)
    turned['keypoint'] = (turned['keypoint'] @ matrix.T).astype(np.float32)
    result = NormalizePose3D(align=True)(turned)['keypoint']
    np.testing.assert_allclose(result, aligned, atol=1e-4)


@pytest.mark.parametrize('gone', [LEFT_SHOULDER, RIGHT_SHOULDER, [LEFT_HIP, RIGHT_HIP]])
def test_align_without_landmarks_does_not_turn(gone, keypoint, make_results):
    keypoint[:, :, gone] = 0
    aligned = NormalizePose3D(align=True)(make_results(keypoint, LAYOUT))['keypoint']
    plain = NormalizePose3D()(make_results(keypoint, LAYOUT))['keypoint']
    np.testing.assert_allclose(aligned, plain, atol=1e-6)


def test_scale_by_hand(keypoint, make_results):
    keypoint[0, 2, [LEFT_SHOULDER, RIGHT_SHOULDER]] *= 5  # an outlier
    plain = NormalizePose3D()(make_results(keypoint, LAYOUT))['keypoint']
    scaled = NormalizePose3D(scale=True)(make_results(keypoint, LAYOUT))['keypoint']
    np.testing.assert_allclose(scaled, plain / 0.5, rtol=1e-5)


def test_any_number_of_persons_and_no_frame_is_dropped(random_results):
    results = random_results('nturgb+d', persons=4, channels=3)
    results['keypoint'][:, 2] = results['keypoint_score'][:, 2] = 0
    result = NormalizePose3D(align=True, scale=True)(results)['keypoint']
    assert result.shape == (4, 7, 25, 3) and not result[:, 2].any()
    assert result[:, [0, 1, 3, 4, 5, 6]].any(axis=(2, 3)).all()


def test_bad_use(random_results):
    with pytest.raises(ValueError, match=r'needs 3 coordinates.*2 \(clip clip\).*NormalizePose2D'):
        NormalizePose3D()(random_results('coco'))
