"""Students held against each other under one condition, paired by seeds and clips."""

from dataclasses import dataclass

import numpy as np

from .results import TEACHER, Outcomes, Results
from .statistics import (
    Summary,
    gap_recovered,
    interval,
    paired_differences,
    resampled_means,
    share_interval,
    summarise,
)


@dataclass(frozen=True)
class Difference:
    """What one student has over another.

    Args:
        summary (Summary): Of the differences with the same seed.
        interval (tuple[float, float] | None): 95 % bootstrap interval of their mean over seeds,
            folds and clips; None where the outcomes of single clips are not known.
    """

    summary: Summary
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Share:
    """Share of the gap between teacher and baseline that a student recovers.

    Args:
        value (float | None): Mean gain over mean gap; None where there is no gap.
        interval (tuple[float, float] | None): Its 95 % bootstrap interval; None where it is not
            known, or where the gap itself is not certain.
    """

    value: float | None
    interval: tuple[float, float] | None


class Comparison:
    """Differences and shares under one condition.

    Args:
        results (Results): The records.
        condition (str): Name of the condition.

    Raises:
        ValueError: If two students were not tested on the same clips.
    """

    def __init__(self, results: Results, condition: str) -> None:
        models = (TEACHER, *results.students)
        self.baseline = results.students[0]
        self._by_seed = {model: results.by_seed(model, condition) for model in models}
        self._outcomes = {model: results.outcomes(model, condition) for model in models}
        self._means: dict[tuple[str, tuple[int, ...]], np.ndarray] = {}
        self._check_same_clips(results.students)

    def difference(self, student: str, other: str) -> Difference | None:
        """How a student compares with another.

        Args:
            student (str): The one.
            other (str): The one to subtract.

        Returns:
            Difference | None: None where they have no seed in common.
        """
        differences = paired_differences(self._by_seed[student], self._by_seed[other])
        if not differences:
            return None
        means = self._resampled(student, other)
        known = None if means is None else interval(means[0] - means[1])
        return Difference(summarise(differences), known)

    def share(self, student: str) -> Share | None:
        """What a student recovers of the gap.

        Args:
            student (str): Its name.

        Returns:
            Share | None: None where student, baseline and teacher have no seed in common.
        """
        models = (student, self.baseline, TEACHER)
        values = [self._by_seed[model] for model in models]
        if not set.intersection(*map(set, values)):
            return None
        means = self._resampled(*models)
        if means is None:
            return Share(gap_recovered(*values), None)
        ours, theirs, teachers = means
        return Share(gap_recovered(*values), share_interval(ours - theirs, teachers - theirs))

    def _resampled(self, *models: str) -> list[np.ndarray] | None:
        """Resampled means over the seeds in common, with the same draws for all; None where
        they were not all tested on the same clips, as a teacher may be, or it is not known."""
        outcomes = [self._outcomes[model] for model in models]
        known = [one for one in outcomes if one is not None]
        if len(known) < len(models) or len({one.clips for one in known}) > 1:
            return None
        seeds = tuple(sorted(set.intersection(*(set(one.correct) for one in known))))
        return [self._means_of(model, one, seeds) for model, one in zip(models, known)]

    def _means_of(self, model: str, outcomes: Outcomes, seeds: tuple[int, ...]) -> np.ndarray:
        key = model, seeds
        if key not in self._means:
            correct = np.stack([outcomes.correct[seed] for seed in seeds])
            self._means[key] = resampled_means(correct, outcomes.groups)
        return self._means[key]

    def _check_same_clips(self, students: list[str]) -> None:
        outcomes = ((student, self._outcomes[student]) for student in students)
        known = [(student, set(one.clips)) for student, one in outcomes if one is not None]
        for student, clips in known[1:]:
            first, clips_of_first = known[0]
            if others := clips ^ clips_of_first:
                raise ValueError(
                    f'{student!r} and {first!r} were not tested on the same clips: '
                    f'{len(others)}, such as {min(others)}, were only tested by one of them'
                )
