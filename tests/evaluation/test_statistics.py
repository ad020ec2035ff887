import pytest

from partkd.evaluation import Summary, gap_recovered, paired_differences, summarise


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
