import numpy as np
import pytest
import torch

from partkd.datasets import FlipSkeleton, RotateSkeleton, ScaleSkeleton, ShearSkeleton

LEFT_EYE, RIGHT_EYE, NOSE = 1, 2, 0


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(1)


class TestFlip:
    def test_by_hand(self, make_results):
        keypoint = np.zeros((1, 1, 17, 2))
        keypoint[0, 0, [NOSE, LEFT_EYE, RIGHT_EYE]] = [(0.5, 1), (2, 3), (-4, 5)]
        score = np.zeros((1, 1, 17))
        score[0, 0, [NOSE, LEFT_EYE, RIGHT_EYE]] = [0.9, 0.8, 0.7]
        results = FlipSkeleton(1.0)(make_results(keypoint, score=score))
        flipped = results['keypoint'][0, 0, [NOSE, LEFT_EYE, RIGHT_EYE]]
        np.testing.assert_array_equal(flipped, [(-0.5, 1), (4, 5), (-2, 3)])
        flipped = results['keypoint_score'][0, 0, [NOSE, LEFT_EYE, RIGHT_EYE]]
        np.testing.assert_allclose(flipped, [0.9, 0.7, 0.8])
        assert not results['keypoint'][0, 0, 3:].any()

    @pytest.mark.parametrize('layout', ['coco', 'nturgb+d', 'kinect_v1'])
    def test_swaps_by_layout_and_twice_is_nothing(self, layout, random_results):
        before = random_results(layout)['keypoint']
        results = random_results(layout)
        once = FlipSkeleton(1.0)(results)['keypoint']
        swap = list(results['layout'].swap)
        np.testing.assert_array_equal(once[..., 0], -before[:, :, swap, 0])
        np.testing.assert_array_equal(once[..., 1:], before[:, :, swap, 1:])
        np.testing.assert_array_equal(FlipSkeleton(1.0)(results)['keypoint'], before)

    def test_rate(self, random_results):
        results = random_results(frames=1)
        flips = 0
        for _ in range(1000):
            before = results['keypoint'][0, 0, 0, 0]
            flips += FlipSkeleton(0.3)(results)['keypoint'][0, 0, 0, 0] == -before
        assert abs(flips - 300) < 5 * (1000 * 0.3 * 0.7) ** 0.5


class TestRotate:
    @pytest.mark.parametrize(
        ('channels', 'axes'), [(2, ('y',)), (3, ('y',)), (3, ('z',)), (3, ('x', 'y', 'z'))]
    )
    def test_keeps_distances(self, channels, axes, random_results):
        results = random_results('nturgb+d', channels=channels)
        before = results['keypoint'].copy()
        after = RotateSkeleton(90, axes)(results)['keypoint']
        assert after.dtype == np.float32 and np.abs(after - before).max() > 0.1

        def distances(points):
            return np.linalg.norm(points[:, :, :, None] - points[:, :, None], axis=-1)

        np.testing.assert_allclose(distances(after), distances(before), atol=1e-5)
        np.testing.assert_allclose(
            np.linalg.norm(after, axis=-1), np.linalg.norm(before, axis=-1), rtol=1e-5
        )
        cross = np.linalg.det(after[0, 0, :channels]) * np.linalg.det(before[0, 0, :channels])
        assert cross > 0  # no reflection

    @pytest.mark.parametrize('axis', ['x', 'y', 'z'])
    def test_leaves_its_axis(self, axis, random_results):
        results = random_results('nturgb+d', channels=3)
        before = results['keypoint'].copy()
        after = RotateSkeleton(90, (axis,))(results)['keypoint']
        kept = 'xyz'.index(axis)
        np.testing.assert_allclose(after[..., kept], before[..., kept], atol=1e-6)

    def test_by_hand(self, make_results, monkeypatch):
        monkeypatch.setattr(torch, 'rand', torch.ones)
        keypoint = np.tile([1.0, 0, 2], (1, 1, 25, 1))
        turned = RotateSkeleton(90, ('y',))(make_results(keypoint, 'nturgb+d'))['keypoint']
        np.testing.assert_allclose(turned[0, 0, 0], (2, 0, -1), atol=1e-6)
        turned = RotateSkeleton(90)(make_results(np.tile([1.0, 0], (1, 1, 17, 1))))['keypoint']
        np.testing.assert_allclose(turned[0, 0, 0], (0, 1), atol=1e-6)

    def test_angles_stay_in_range(self, make_results):
        keypoint = np.tile([1.0, 0], (1, 1, 17, 1))
        angles = []
        for _ in range(300):
            x, y = RotateSkeleton(20)(make_results(keypoint))['keypoint'][0, 0, 0]
            angles.append(np.rad2deg(np.arctan2(y, x)))
        assert -20.01 < min(angles) < -15 and 15 < max(angles) < 20.01

    def test_unknown_axis(self):
        with pytest.raises(ValueError, match='axes='):
            RotateSkeleton(10, ('w',))


class TestScale:
    def test_one_factor_for_the_clip_within_range(self, random_results):
        factors = []
        for _ in range(200):
            results = random_results()
            before = results['keypoint'].copy()
            ratio = ScaleSkeleton(0.2)(results)['keypoint'] / before
            np.testing.assert_allclose(ratio, ratio.flat[0], rtol=1e-5)
            factors.append(ratio.flat[0])
        assert 0.8 <= min(factors) < 0.85 and 1.15 < max(factors) <= 1.2

    @pytest.mark.parametrize('max_change', [-0.1, 1, 2])
    def test_bad_range(self, max_change):
        with pytest.raises(ValueError, match='max_change='):
            ScaleSkeleton(max_change)


class TestShear:
    def test_by_hand(self, make_results, monkeypatch):
        """Shares of (.5, -1): x gets half of y, y loses x."""
        monkeypatch.setattr(torch, 'rand', lambda *shape, **kwargs: torch.full(shape, 0.0))
        transform = ShearSkeleton(max_share=0.5, prob=1.0)
        keypoint = np.tile([[2.0, 4.0]], (1, 1, 17, 1))
        out = transform(make_results(keypoint))['keypoint']
        np.testing.assert_allclose(out[0, 0, 0], [2 - 0.5 * 4, 4 - 0.5 * 2])

    @pytest.mark.parametrize('channels', [2, 3])
    def test_a_coordinate_keeps_itself_and_shares_stay_in_range(self, channels, make_results):
        torch.manual_seed(0)
        seen = []
        for _ in range(50):
            keypoint = np.ones((1, channels, 17, channels)) * np.eye(channels)[None, :, None]
            moved = ShearSkeleton(max_share=0.3, prob=1.0)(make_results(keypoint))['keypoint']
            shares = moved[0, :, 0]  # of each axis in all of them
            np.testing.assert_allclose(np.diag(shares), 1)
            seen.append(shares[~np.eye(channels, dtype=bool)])
        assert np.abs(seen).max() <= 0.3 and np.ptp(seen) > 0.5

    def test_half_of_the_clips(self, random_results):
        torch.manual_seed(0)
        same = [
            np.array_equal(
                ShearSkeleton()(random_results())['keypoint'], random_results()['keypoint']
            )
            for _ in range(60)
        ]
        assert 15 < sum(same) < 45
