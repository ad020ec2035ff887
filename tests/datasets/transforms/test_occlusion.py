import hashlib

import numpy as np
import pytest
import torch

from partkd.datasets import JointOcclusion
from partkd.layouts import get_layout

SCOPES = ['frame', 'clip', 'part']


@pytest.fixture
def occluded(random_results):
    """Where joints of an item are gone, (M, T, V) bool."""

    def occlude(prob, scope='frame', seed=0, values=0, **fields) -> np.ndarray:
        results = JointOcclusion(prob, scope, seed)(random_results(seed=values, **fields))
        gone = results['keypoint_score'] == 0
        np.testing.assert_array_equal(gone, ~results['keypoint'].any(-1))
        return gone

    return occlude


def assert_rate(gone: np.ndarray, prob: float) -> None:
    """Five standard deviations of the binomial distribution."""
    assert abs(gone.sum() - gone.size * prob) < 5 * (gone.size * prob * (1 - prob)) ** 0.5


@pytest.mark.parametrize('test_mode', [False, True])
@pytest.mark.parametrize('prob', [0.3, 0.6])
class TestRate:
    def test_frame(self, prob, test_mode, occluded):
        gone = occluded(prob, frames=500, test_mode=test_mode)
        assert_rate(gone, prob)
        assert_rate(gone[0, 1:] & gone[0, :-1], prob**2)  # frames are independent
        assert_rate(gone[0] & gone[1], prob**2)  # so are persons

    def test_clip(self, prob, test_mode, occluded):
        gone = occluded(prob, 'clip', persons=400, test_mode=test_mode)
        assert (gone == gone[:, :1]).all()
        assert_rate(gone[:, 0], prob)

    def test_part(self, prob, test_mode, occluded):
        layout = get_layout('nturgb+d')
        fields = {'persons': 600, 'layout': layout, 'test_mode': test_mode}
        gone = occluded(prob, 'part', frames=2, **fields)
        assert (gone == gone[:, :1]).all()
        assert not gone[:, :, list(layout.trunk)].any()
        parts = np.stack([gone[:, 0, list(part)].all(-1) for part in layout.parts], -1)
        some = np.stack([gone[:, 0, list(part)].any(-1) for part in layout.parts], -1)
        np.testing.assert_array_equal(parts, some)
        assert_rate(parts, prob)


@pytest.mark.parametrize('scope', SCOPES)
class TestInTest:
    def test_depends_on_seed_and_frame_dir_alone(self, scope, occluded):
        names = [f'clip_{i}' for i in range(8)]

        def masks(names, seed=0):
            return {
                name: occluded(0.5, scope, seed, frame_dir=name, test_mode=True) for name in names
            }

        np.random.seed(1)
        first = masks(names)
        np.random.seed(2)
        again = masks(names[::-1])
        assert all((first[name] == again[name]).all() for name in names)
        assert not all((first[name] == first['clip_0']).all() for name in names)
        other = masks(names, seed=1)
        assert not all((first[name] == other[name]).all() for name in names)

    def test_does_not_depend_on_coordinates(self, scope, occluded):
        one = occluded(0.5, scope, test_mode=True)
        np.testing.assert_array_equal(one, occluded(0.5, scope, values=3, test_mode=True))

    def test_leaves_the_global_generator_alone(self, scope, occluded, generator_state):
        before = generator_state()
        occluded(0.5, scope, test_mode=True)
        assert generator_state() == before

    def test_more_occlusion_hides_what_less_did(self, scope, occluded):
        less, more = (occluded(prob, scope, persons=30, test_mode=True) for prob in (0.3, 0.6))
        assert (more | ~less).all() and more.sum() > less.sum()


@pytest.mark.parametrize('scope', SCOPES)
def test_drawn_once_it_is_the_same_in_every_epoch(scope, random_results):
    """As in test; and sampled frames are hidden as they were before the sampling."""
    once = JointOcclusion(0.5, scope, once=True)
    gone = [
        once(random_results(seed=1, test_mode=test_mode))['keypoint_score'] == 0
        for test_mode in (False, False, True)
    ]
    assert 0 < gone[0].mean() < 1
    np.testing.assert_array_equal(gone[0], gone[1])
    np.testing.assert_array_equal(gone[0], gone[2])
    assert once.treats_frames_alone(False) == (scope != 'frame')
    assert JointOcclusion(0.5, scope).treats_frames_alone(False)


def test_same_in_every_process(occluded):
    """Python's own hash() differs between processes; this is the number to get in all of them."""
    digest = hashlib.sha256(b'7/clip').digest()
    draw = np.random.default_rng(int.from_bytes(digest[:8], 'little')).random((2, 7, 17))
    np.testing.assert_array_equal(occluded(0.4, seed=7, test_mode=True), draw < 0.4)


@pytest.mark.parametrize('scope', SCOPES)
class TestInTraining:
    def test_follows_the_global_generator(self, scope, occluded):
        torch.manual_seed(3)
        first, second = occluded(0.5, scope), occluded(0.5, scope)
        torch.manual_seed(3)
        np.testing.assert_array_equal(occluded(0.5, scope), first)
        assert (first != second).any()


def test_ends_of_the_range(occluded, random_results):
    assert not occluded(0).any()
    for scope in SCOPES:
        assert occluded(1, scope).all()  # COCO has no trunk


def test_joints_that_stay_are_not_changed(random_results):
    before = random_results()['keypoint']
    results = JointOcclusion(0.5)(random_results())
    kept = results['keypoint_score'] > 0
    np.testing.assert_array_equal(results['keypoint'][kept], before[kept])


@pytest.mark.parametrize('settings', [{'prob': 1.5}, {'prob': -0.1}, {'prob': 0, 'scope': 'limb'}])
def test_bad_settings(settings):
    with pytest.raises(ValueError, match='JointOcclusion'):
        JointOcclusion(**settings)
