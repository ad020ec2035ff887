import numpy as np
import pytest

from partkd.evaluation import (
    Summary,
    gap_recovered,
    interval,
    paired_differences,
    resampled_means,
    share_interval,
    summarise,
)
from partkd.evaluation.statistics import RESAMPLES


def test_mean_and_sample_deviation_by_hand():
    # mean 5, squares 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 = 32, 32 / 7
    summary = summarise([2, 4, 4, 4, 5, 5, 7, 9])
    assert summary == Summary(5.0, pytest.approx((32 / 7) ** 0.5), 8)
    assert summarise([1.0, 2.0, 3.0, 4.0]).deviation == pytest.approx(1.2909944487)


def test_single_value_has_no_deviation():
    assert summarise([0.5]) == Summary(0.5, None, 1)


def test_no_value_is_an_error():
    with pytest.raises(ValueError, match='no values'):
        summarise([])


def test_differences_are_paired_by_seed_whatever_the_order():
    values, baseline = {2: 0.9, 0: 0.5, 7: 0.1}, {0: 0.25, 2: 0.4, 5: 1.0}
    assert paired_differences(values, baseline) == [0.25, 0.5]


def test_gap_is_a_ratio_of_means_over_common_seeds():
    baseline, teacher = {0: 50.0, 1: 58.0}, {0: 60.0, 1: 60.0, 2: 99.0}
    # gains 5 and 1, gaps 10 and 2: 6 / 12; the mean of the ratios would be .5 as well
    assert gap_recovered({0: 55.0, 1: 59.0}, baseline, teacher) == pytest.approx(0.5)
    # gains 0 and 2: 2 / 12, where the mean of the ratios would be .5
    assert gap_recovered({0: 50.0, 1: 60.0, 3: 0.0}, baseline, teacher) == pytest.approx(1 / 6)


@pytest.mark.parametrize('teacher', [{}, {0: 50.0}, {0: 40.0}])
def test_without_a_gap_no_share(teacher):
    assert gap_recovered({0: 55.0}, {0: 50.0}, teacher) is None


def test_resampled_means_scatter_as_a_naive_loops():
    rng = np.random.default_rng(5)
    correct = rng.random((4, 30)) < np.linspace(0.2, 0.9, 4)[:, None]
    naive = []
    for _ in range(RESAMPLES):
        seeds, clips = rng.integers(4, size=4), rng.integers(30, size=30)
        naive.append(np.mean([[correct[seed, clip] for clip in clips] for seed in seeds]))
    ours = resampled_means(correct)
    assert ours.shape == (RESAMPLES,)
    assert ours.mean() == pytest.approx(correct.mean(), abs=0.01)
    assert ours.std() == pytest.approx(np.std(naive), rel=0.1)
    assert interval(ours) == pytest.approx(interval(np.array(naive)), abs=0.03)


@pytest.mark.parametrize(('axis', 'seeds', 'clips'), [(0, 5, 200), (1, 5, 200)])
def test_both_seeds_and_clips_are_resampled(axis, seeds, clips):
    """Where all clips of a seed are alike, only seeds scatter, and the other way round."""
    values = np.random.default_rng(1).random((seeds, clips)).mean(1 - axis, keepdims=True)
    alike = np.broadcast_to(values, (seeds, clips))
    expected = values.std() / np.sqrt(values.size)
    assert resampled_means(alike).std() == pytest.approx(expected, rel=0.1)


def test_groups_are_drawn_and_clips_within_them():
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(5), [4, 9, 6, 3, 8])
    correct = rng.random((3, 30)) < np.array([0.1, 0.9, 0.5, 0.3, 0.7])[groups]
    naive = []
    for _ in range(RESAMPLES):
        seeds = rng.integers(3, size=3)
        columns = np.concatenate(
            [
                rng.choice(np.flatnonzero(groups == group), sum(groups == group))
                for group in rng.integers(5, size=5)
            ]
        )
        naive.append(correct[np.ix_(seeds, columns)].mean())
    ours = resampled_means(correct, groups)
    assert ours.mean() == pytest.approx(np.mean(naive), abs=0.015)
    assert ours.std() == pytest.approx(np.std(naive), rel=0.1)
    assert ours.std() > 1.5 * resampled_means(correct).std()


def test_equal_shapes_are_resampled_together():
    one = np.random.default_rng(2).random((3, 50))
    assert np.array_equal(resampled_means(one), resampled_means(one))
    np.testing.assert_allclose(resampled_means(one + 0.25) - resampled_means(one), 0.25)


def test_interval_is_the_middle_95_percent():
    assert interval(np.arange(201.0)) == (5.0, 195.0)


def test_a_share_of_a_gap_that_may_be_none_has_no_interval():
    gap = np.linspace(0.1, 0.3, 100)
    assert share_interval(gap / 2, gap) == pytest.approx((0.5, 0.5))
    # two resamples of a hundred without a gap are left out, ten are too many
    gap[:2] = 0
    assert share_interval(gap / 2, gap) == pytest.approx((0.5, 0.5))
    gap[:10] = 0
    assert share_interval(gap / 2, gap) is None
