"""Several recipes on different people as one, whose people are all of theirs."""

from collections.abc import Sequence
from dataclasses import replace
from string import ascii_uppercase

from .results import Results


def together(results: Sequence[Results]) -> Results:
    """Put the groups that were left out of several recipes into one test.

    Each recipe has few people, and their scatter is what an interval is mostly made of. Models of
    the same students on other data are no more the same models than those of other folds are.

    Args:
        results (Sequence[Results]): Two recipes or more, with the same students under the same
            conditions, each with groups of clips that were left out.

    Returns:
        Results: Of the seeds that all have. A fold is called by the letter of its recipe and its
        own name.

    Raises:
        ValueError: If they cannot be put together.
    """
    _check(results)
    first, letters = results[0], ascii_uppercase[: len(results)]
    lettered = list(zip(letters, results, strict=True))
    seeds = sorted(set.intersection(*(set(one.seeds) for one in results)))
    runs = [
        replace(run, fold=f'{letter} {run.fold}')
        for letter, one in lettered
        for run in one.runs
        if run.seed in seeds
    ]
    return Results(
        title=f'All {sum(len(one.folds) for one in results)} of {", ".join(letters)} together',
        config=', '.join(one.config for one in results),
        seeds=seeds,
        students=first.students,
        conditions=first.conditions,
        planned=len(runs),
        notes=[
            *(f'{letter} is *{one.title}*.' for letter, one in lettered),
            'Every clip counts once, so that who has more clips counts for more.',
        ],
        runs=runs,
        seconds=sum(one.seconds for one in results),
        folds=[f'{letter} {fold}' for letter, one in lettered for fold in one.folds],
        tested={key: clips for one in results for key, clips in one.tested.items()},
    )


def _check(results: Sequence[Results]) -> None:
    if len(results) < 2:
        raise ValueError('one report alone is nothing to put together: name two or more')
    first = results[0]
    for one in results:
        if not one.folds:
            raise ValueError(f'{one.title!r} left nobody out: run it with --leave-out')
        if one.students != first.students or one.conditions != first.conditions:
            raise ValueError(
                f'{one.title!r} and {first.title!r} have other students or conditions: take the '
                'same with --students and --conditions'
            )
    if not set.intersection(*(set(one.seeds) for one in results)):
        raise ValueError('they have no seed in common')
