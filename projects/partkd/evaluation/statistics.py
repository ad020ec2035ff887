"""Statistics over seeds and clips. Values are keyed by seed, so that differences can be paired."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
_BLOCK = 100


@dataclass(frozen=True)
class Summary:
    """Mean of some values and how far they scatter.

    Args:
        mean (float): Their mean.
        deviation (float | None): Sample standard deviation (n - 1), None for a single value.
        count (int): How many values there are.
    """

    mean: float
    deviation: float | None
    count: int


def summarise(values: Iterable[float]) -> Summary:
    """Mean and sample standard deviation.

    Args:
        values (Iterable[float]): One value or more.

    Returns:
        Summary: Mean, deviation (n - 1) and count.

    Raises:
        ValueError: If there is no value.
    """
    values = list(values)
    count = len(values)
    if count == 0:
        raise ValueError('no values to summarise')
    mean = math.fsum(values) / count
    if count == 1:
        return Summary(mean, None, 1)
    squares = math.fsum((value - mean) ** 2 for value in values)
    return Summary(mean, math.sqrt(squares / (count - 1)), count)


def paired_differences(values: Mapping[int, float], baseline: Mapping[int, float]) -> list[float]:
    """Differences to the baseline with the same seed, over the seeds that both have.

    Args:
        values (Mapping[int, float]): Value by seed.
        baseline (Mapping[int, float]): The baseline's value by seed.

    Returns:
        list[float]: value - baseline, in the order of the seeds.
    """
    return [values[seed] - baseline[seed] for seed in sorted(values.keys() & baseline.keys())]


def gap_recovered(
    values: Mapping[int, float], baseline: Mapping[int, float], teacher: Mapping[int, float]
) -> float | None:
    """Share of the gap between teacher and baseline that a student recovers.

    The mean gain over the mean gap, both over the seeds that all three have. A mean of the
    single seeds' ratios would be ruled by the seed with the smallest gap.

    Args:
        values (Mapping[int, float]): The student's value by seed.
        baseline (Mapping[int, float]): The baseline's value by seed.
        teacher (Mapping[int, float]): The teacher's value by seed.

    Returns:
        float | None: The share; None where there is no gap, or no seed that all three have.
    """
    seeds = values.keys() & baseline.keys() & teacher.keys()
    gain = math.fsum(values[seed] - baseline[seed] for seed in seeds)
    gap = math.fsum(teacher[seed] - baseline[seed] for seed in seeds)
    return gain / gap if gap > 0 else None


def resampled_means(correct: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray:
    """Bootstrap of a mean over seeds, groups of clips and clips.

    All are random: another seed gives another model, other people could have been recorded, and
    other clips of them. So each resample draws S seeds, independently of them as many groups as
    there are, and as many clips of each drawn group as it has, all with replacement, and takes
    the mean of the drawn rows at the drawn columns. A clip drawn twice counts twice under all
    drawn seeds (Owen 2007, "The pigeonhole bootstrap"): seeds are tested on the same clips, so
    resampling the S x N outcomes one by one would take them for more evidence than they are.
    Without groups, clips of one person count as independent, and the scatter from person to
    person is not in it; nor is, with a single seed, that from seed to seed.

    The draws depend on shape and groups alone. Models with the same seeds and clips are thus
    resampled together, and the difference of two results is the bootstrap of the paired difference.

    Args:
        correct (np.ndarray): Outcomes of a model, (S seeds, N clips), bool or float.
        groups (np.ndarray, optional): The number of each clip's group, (N,) int from 0 on, each of
            them there. Defaults to None, a single group.

    Returns:
        np.ndarray: The resampled means, (RESAMPLES,), the same in every call.
    """
    seeds, clips = correct.shape
    groups = np.zeros(clips, int) if groups is None else groups
    columns = [np.flatnonzero(groups == group) for group in range(groups.max() + 1)]
    rng = np.random.default_rng(0)
    means = []
    for _ in range(RESAMPLES // _BLOCK):  # in blocks, as a test split may have many clips
        weights = _drawn(rng, seeds, np.full(_BLOCK, seeds)) / seeds
        times = _drawn(rng, len(columns), np.full(_BLOCK, len(columns)))
        total, count = np.zeros(_BLOCK), np.zeros(_BLOCK)
        for group, of_group in enumerate(columns):
            drawn = _drawn(rng, len(of_group), times[:, group] * len(of_group))
            total += (weights @ correct[:, of_group] * drawn).sum(axis=1)
            count += drawn.sum(axis=1)
        means.append(total / count)
    return np.concatenate(means)


def _drawn(rng: np.random.Generator, kinds: int, draws: np.ndarray) -> np.ndarray:
    """How often each of some kinds is drawn, (draws, kinds)."""
    return rng.multinomial(draws, np.full(kinds, 1 / kinds))


def interval(resampled: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of resampled values.

    Args:
        resampled (np.ndarray): One value for each resample.

    Returns:
        tuple[float, float]: Lower and upper end.
    """
    low, high = np.percentile(resampled, [2.5, 97.5])
    return float(low), float(high)


def share_interval(gain: np.ndarray, gap: np.ndarray) -> tuple[float, float] | None:
    """The middle 95 % of the share of a gap that a gain recovers.

    Args:
        gain (np.ndarray): Resampled gain of a student over the baseline.
        gap (np.ndarray): Resampled gap between teacher and baseline, with the same draws.

    Returns:
        tuple[float, float] | None: Lower and upper end; None where the gap's own interval
        reaches zero, as a share of it may then be anything.
    """
    if interval(gap)[0] <= 0:
        return None
    there = gap > 0
    return interval(gain[there] / gap[there])
