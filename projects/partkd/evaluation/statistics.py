"""Statistics over seeds. Values are keyed by seed, so that differences can be paired."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


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
