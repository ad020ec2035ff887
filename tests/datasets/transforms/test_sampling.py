import numpy as np
import pytest
import torch

from partkd.datasets import TruncateFrames, UniformSampleSkeleton


@pytest.fixture
def sampled(make_results):
    """Frame numbers that were taken from a clip that shows its frame number everywhere."""

    def sample(frames, transform, **fields) -> np.ndarray:
        numbers = np.arange(1, frames + 1).reshape(1, -1, 1, 1)
        results = transform(make_results(np.tile(numbers, (2, 1, 17, 2)), **fields))
        keypoint = results['keypoint']
        assert (keypoint == keypoint[:1, :, :1, :1]).all()
        assert results['keypoint_score'].shape == keypoint.shape[:3]
        assert results['total_frames'] == keypoint.shape[1]
        return keypoint[0, :, 0, 0].astype(int) - 1

    return sample


@pytest.mark.parametrize(
    ('frames', 'taken'),
    [
        (4, [0, 1, 2, 3]),
        (8, [1, 3, 5, 7]),
        (10, [1, 3, 6, 8]),
        (2, [0, 0, 1, 1]),
        (3, [0, 1, 1, 2]),
        (1, [0, 0, 0, 0]),
    ],
)
def test_in_test_the_middle_of_each_segment(frames, taken, sampled, generator_state):
    before = generator_state()
    assert sampled(frames, UniformSampleSkeleton(4), test_mode=True).tolist() == taken
    assert generator_state() == before


@pytest.mark.parametrize('frames', [1, 30, 47, 48, 49, 95, 300])
def test_in_training_one_of_each_segment(frames, sampled):
    torch.manual_seed(0)
    bounds = np.arange(49) * frames / 48
    seen = set()
    for _ in range(100):
        taken = sampled(frames, UniformSampleSkeleton(48))
        assert (taken >= np.floor(bounds[:-1])).all() and (taken < np.ceil(bounds[1:])).all()
        seen.update(taken.tolist())
    assert seen == set(range(frames))


def test_training_follows_the_global_generator(sampled):
    torch.manual_seed(5)
    first = sampled(300, UniformSampleSkeleton(48))
    assert (sampled(300, UniformSampleSkeleton(48)) != first).any()
    torch.manual_seed(5)
    np.testing.assert_array_equal(sampled(300, UniformSampleSkeleton(48)), first)


def test_a_draw_next_to_the_end_stays_inside(sampled, monkeypatch):
    def almost_one(size, **options) -> torch.Tensor:
        return torch.full(size, np.nextafter(1, 0), **options)

    monkeypatch.setattr(torch, 'rand', almost_one)
    assert sampled(10**4, UniformSampleSkeleton(10**4 - 1)).max() == 10**4 - 1


@pytest.mark.parametrize(('frames', 'kept'), [(301, 300), (300, 300), (12, 12)])
def test_truncate(frames, kept, sampled):
    assert sampled(frames, TruncateFrames()).tolist() == list(range(kept))


@pytest.mark.parametrize('transform', [UniformSampleSkeleton, TruncateFrames])
def test_bad_length(transform):
    with pytest.raises(ValueError, match='=0: it is an integer from 1 on'):
        transform(0)


def test_in_training_frames_can_be_of_a_stretch(sampled, generator_state):
    """At a random place, no shorter than asked for; in a test of the whole clip."""
    torch.manual_seed(0)
    transform = UniformSampleSkeleton(10, least=0.5)
    taken = np.array([sampled(100, transform) for _ in range(200)])
    assert (np.diff(taken) >= 0).all()
    span = taken[:, -1] - taken[:, 0]
    assert span.min() >= 0.4 * 100 and span.min() < 50 and span.max() > 85
    assert taken[:, 0].max() > 35 and taken[:, -1].min() < 65
    whole = sampled(100, UniformSampleSkeleton(10), test_mode=True)
    assert sampled(100, transform, test_mode=True).tolist() == whole.tolist()
    torch.manual_seed(1)
    plain = sampled(100, UniformSampleSkeleton(10))
    torch.manual_seed(1)
    assert sampled(100, UniformSampleSkeleton(10, least=1)).tolist() == plain.tolist()
