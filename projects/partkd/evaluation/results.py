"""The records that a report is made of, and their file."""

import itertools
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from partkd.arguments import Count, NotNegative, Whole, require
from partkd.files import write_atomically

from .record_checks import METRIC, TEACHER, check_results, names_key

__all__ = ['METRIC', 'TEACHER', 'Outcomes', 'Results', 'Run']


@dataclass
class Run:
    """One trained and tested model.

    Args:
        seed (int): Its seed.
        model (str): ``'teacher'``, or the student's name.
        condition (str | None): Name of the condition it was trained and tested under; None for
            the teacher, which sees its own clean data under every condition.
        metrics (dict[str, float]): What the evaluator gave, such as ``acc/top1`` in [0, 1].
        clips (dict[str, int]): Number of clips it was trained (``train``) and tested (``test``) on.
        epochs (int): Epochs it was trained for; the last one is the one tested.
        seconds (float): Wall time of training and test.
        resumed (bool): Whether it was interrupted, so that ``seconds`` is but a part.
        environment (dict): See :func:`partkd.evaluation.environment`.
        fold (str | None): What was left out of its training, to be tested. Defaults to None: it
            has the config's own splits.
        correct (str | None): ``'1'`` for each test clip that was right, ``'0'`` for the others.
            Defaults to None: not known.
        tested (str | None): Key in :attr:`Results.tested`, which names these clips.
        files (dict[str, str]): ``config`` and ``checkpoint``, as paths below the work directory.
            Defaults to an empty dict: not known.

    Raises:
        ValueError: If a metric is infinite or no number.
    """

    seed: Count
    model: str
    condition: str | None
    metrics: dict[str, float]
    clips: dict[str, Whole]
    epochs: Whole
    seconds: NotNegative
    resumed: bool = False
    environment: dict = field(default_factory=dict)
    fold: str | None = None
    correct: str | None = None
    tested: str | None = None
    files: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require(self.metrics, dict, 'metrics')
        wrong = {
            name: value
            for name, value in self.metrics.items()
            if isinstance(value, float) and not math.isfinite(value)
        }
        if wrong:
            raise ValueError(
                f'{self.model} of seed {self.seed} has {wrong}, which is no figure to report: '
                'train it again with a lower learning rate'
            )


@dataclass(frozen=True)
class Outcomes:
    """Which clips a model had right under each seed.

    Args:
        clips (tuple[str, ...]): Names of the N test clips.
        correct (dict[int, np.ndarray]): By seed, (N,) bool.
        groups (np.ndarray): The number of each clip's fold, (N,) int; 0 where there are none.
    """

    clips: tuple[str, ...]
    correct: dict[int, np.ndarray]
    groups: np.ndarray


@dataclass
class Results:
    """All runs of one recipe.

    Args:
        title (str): Heading of the report.
        config (str): The configuration file, as a path inside the checkout.
        seeds (list[int]): Seeds asked for.
        students (list[str]): Names of the students; the first one is the baseline.
        conditions (dict[str, dict]): What makes the students' input poorer, by its name.
        planned (int): Number of runs when all is done.
        paper (dict[str, tuple]): By condition, the paper's top-1 in percent of the teacher, of
            the student without and of the student with distillation. Defaults to an empty dict.
        notes (list[str]): What a reader has to know of the figures. Defaults to an empty list.
        runs (list[Run]): What is finished.
        seconds (float): Sum of the wall times of all steps, part matrix and feature bank
            included; steps at the same time count one by one.
        folds (list[str]): What is left out of training and tested, one after the other; a figure
            is then that of a seed's folds together. Defaults to an empty list: nothing.
        tested (dict[str, list[str]]): Names of the test clips, by the key that runs give.
    """

    title: str
    config: str
    seeds: list[Count]
    students: list[str]
    conditions: dict[str, dict]
    planned: Count
    paper: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    seconds: NotNegative = 0.0
    folds: list[str] = field(default_factory=list)
    tested: dict[str, list[str]] = field(default_factory=dict)

    def add(self, run: Run, clips: Sequence[str] | None = None) -> None:
        """Take up a finished run.

        Args:
            run (Run): The run.
            clips (Sequence[str], optional): Names of the test clips that ``run.correct`` tells
                of. Defaults to None, not known.
        """
        if clips is not None:
            run.tested = names_key(clips)
            self.tested[run.tested] = list(clips)
        self.runs.append(run)

    def complete(self, model: str, condition: str) -> dict[int, list[Run]]:
        """A model's finished runs under a condition.

        Args:
            model (str): ``'teacher'`` or a student's name.
            condition (str): The condition's name. The teacher's runs are the same under all.

        Returns:
            dict[int, list[Run]]: By seed, one run for each fold in the folds' order; only seeds
            whose folds are all finished.
        """
        found: dict[int, dict[str | None, Run]] = {}
        for run in self.runs:
            if run.model == model and run.condition in (None, condition):
                found.setdefault(run.seed, {})[run.fold] = run
        folds = list[str | None](self.folds) or [None]
        return {
            seed: [runs[fold] for fold in folds]
            for seed, runs in found.items()
            if runs.keys() >= set(folds)
        }

    def by_seed(self, model: str, condition: str, metric: str = METRIC) -> dict[int, float]:
        """A model's figures under a condition.

        Args:
            model (str): ``'teacher'`` or a student's name.
            condition (str): The condition's name. The teacher's figure is the same under all.
            metric (str): Which of the evaluator's figures. Defaults to top-1.

        Returns:
            dict[int, float]: By seed; over folds the mean, weighted by their test clips.
        """
        return {
            seed: float(
                np.average(
                    [run.metrics[metric] for run in runs],
                    weights=[run.clips['test'] for run in runs],
                )
            )
            for seed, runs in self.complete(model, condition).items()
        }

    def by_fold(self, model: str, condition: str) -> dict[str, dict[int, float]]:
        """A model's top-1 under a condition, fold by fold.

        Args:
            model (str): ``'teacher'`` or a student's name.
            condition (str): The condition's name.

        Returns:
            dict[str, dict[int, float]]: By fold and seed; only seeds whose folds are all finished.
        """
        complete = self.complete(model, condition)
        return {
            fold: {seed: runs[number].metrics[METRIC] for seed, runs in complete.items()}
            for number, fold in enumerate(self.folds)
        }

    def outcomes(self, model: str, condition: str) -> Outcomes | None:
        """Which clips a model had right under a condition.

        Args:
            model (str): ``'teacher'`` or a student's name.
            condition (str): The condition's name.

        Returns:
            Outcomes | None: Of all folds together; None where there is no run, or one that does
            not know.

        Raises:
            ValueError: If it was tested on other clips under one seed than under another.
        """
        by_seed = self.complete(model, condition)
        known = {
            seed: [
                (run.tested, run.correct)
                for run in runs
                if run.tested is not None and run.correct is not None
            ]
            for seed, runs in by_seed.items()
        }
        if not known or any(len(known[seed]) < len(runs) for seed, runs in by_seed.items()):
            return None
        tested = {tuple(key for key, _ in folds) for folds in known.values()}
        if len(tested) > 1:
            raise ValueError(
                f'{model} was not tested on the same clips under all of the seeds '
                f'{sorted(by_seed)}: run them all on the same files'
            )
        folds_clips = [self.tested[key] for key in tested.pop()]
        groups = np.repeat(np.arange(len(folds_clips)), [len(one) for one in folds_clips])
        correct = {
            seed: np.array([digit == '1' for _, digits in folds for digit in digits])
            for seed, folds in known.items()
        }
        return Outcomes(tuple(itertools.chain(*folds_clips)), correct, groups)

    def save(self, path: str | Path) -> None:
        """Write as JSON, atomically.

        Args:
            path (str | Path): The file.
        """
        write_atomically(path, json.dumps(asdict(self), indent=1, ensure_ascii=False) + '\n')

    @classmethod
    def load(cls, path: str | Path) -> 'Results':
        """Read what :meth:`save` wrote.

        Args:
            path (str | Path): The file.

        Returns:
            Results: The records.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it holds something else.
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f'{path}: no such file; tools/distill.py writes results.json')
        try:
            content = json.loads(path.read_text(encoding='utf-8'))
            require(content, dict[str, Any], 'its content')
            require(content.get('runs'), list[dict], 'runs')
            results = cls(**content | dict(runs=[Run(**run) for run in content['runs']]))
            check_results(results)
        except (ValueError, TypeError, RecursionError) as error:
            said = str(error) or type(error).__name__
            raise ValueError(f'{path} is not a results.json of distill(): {said}') from error
        return results
