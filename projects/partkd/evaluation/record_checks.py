"""Records that were edited, or never written by this package, are no results."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TypedDict

from partkd.arguments import Fraction, require, require_fields
from partkd.messages import shown

if TYPE_CHECKING:
    from .results import Results, Run

TEACHER = 'teacher'
METRIC = 'acc/top1'


class Condition(TypedDict, total=False):
    """What makes the students' input poorer."""

    prob: Fraction
    scope: Literal['frame', 'clip', 'part']
    degradations: Sequence[str]
    test_degradations: Sequence[str]


def names_key(names: Sequence[str]) -> str:
    """The key under which results keep the names of test clips."""
    return hashlib.sha256('\n'.join(names).encode()).hexdigest()[:8]


def check_results(results: 'Results') -> None:
    """Refuse records that contradict their types, themselves or each other.

    Args:
        results (Results): As they were read.

    Raises:
        ValueError: Naming the first field that is wrong, and why.
    """
    require_fields(results)
    _require_distinct('seeds', results.seeds)
    _require_distinct('students', results.students)
    if TEACHER in results.students:
        raise ValueError(f'students={shown(results.students)}: {TEACHER!r} is none of them')
    for name, condition in results.conditions.items():
        require(condition, Condition, f'conditions[{shown(name)}]')
    for key, names in results.tested.items():
        if names_key(names) != key:
            raise ValueError(f'tested[{shown(key)}] holds other names than it was written with')
    if results.planned < len(results.runs):
        raise ValueError(f'planned={results.planned}: there are {len(results.runs)} runs')
    for number, run in enumerate(results.runs):
        try:
            _check_run(run, results)
        except ValueError as error:
            raise ValueError(f'runs[{number}]: {error}') from None
    twice = [run for run, count in Counter(map(_identity, results.runs)).items() if count > 1]
    if twice:
        raise ValueError(f'runs has {twice[0]} more than once')


def _check_run(run: 'Run', results: 'Results') -> None:
    require_fields(run)
    known_values: tuple[tuple[str, object, list], ...] = (
        ('seed', run.seed, results.seeds),
        ('model', run.model, [TEACHER, *results.students]),
        ('condition', run.condition, [None] if run.model == TEACHER else [*results.conditions]),
        ('fold', run.fold, results.folds or [None]),
        ('tested', run.tested, [None, *results.tested]),
    )
    for name, value, known in known_values:
        if value not in known:
            raise ValueError(f'{name}={shown(value)}: it is one of {shown(known)}')
    if not {'train', 'test'} <= run.clips.keys():
        raise ValueError(f'clips={shown(run.clips)}: it has train and test')
    if not 0 <= run.metrics.get(METRIC, -1.0) <= 1:
        raise ValueError(f'metrics={shown(run.metrics)}: {METRIC} is a number in [0, 1]')
    _check_outcomes(run, results)


def _check_outcomes(run: 'Run', results: 'Results') -> None:
    """Hold the figure against the single clips that it is the mean of."""
    if run.correct is None or run.tested is None:
        if (run.correct, run.tested) != (None, None):
            raise ValueError(f'tested={shown(run.tested)}, correct={shown(run.correct)}: give both')
        return
    clips, top1 = run.clips['test'], run.metrics[METRIC]
    for name, length in (
        ('correct', len(run.correct)),
        ('tested', len(results.tested[run.tested])),
    ):
        if length != clips:
            raise ValueError(f'{name} is of {length} clips, clips.test={clips}')
    if set(run.correct) - set('01'):
        raise ValueError(f'correct={shown(run.correct)}: it is of 0 and 1')
    right = run.correct.count('1')
    if abs(right / clips - top1) > 1e-4:
        raise ValueError(
            f'metrics[{METRIC}] is {top1}, and by correct {right} of clips.test={clips} were right'
        )


def _identity(run: 'Run') -> str:
    return f'seed {run.seed}, {run.model}, condition {run.condition}, fold {run.fold}'


def _require_distinct(name: str, values: list) -> None:
    if not values or len(set(values)) < len(values):
        raise ValueError(f'{name}={shown(values)}: they are one or more, and differ')
