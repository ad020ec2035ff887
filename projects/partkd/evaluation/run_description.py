"""How the figures of a report were had."""

from collections.abc import Iterable

from .results import TEACHER, Results, Run

SCOPES = {
    'frame': ('joint', 'in each frame on its own'),
    'clip': ('joint', 'for the whole clip'),
    'part': ('body part', 'for the whole clip'),
}


def describe_runs(results: Results) -> str:
    """Config, seeds, data, time and environments.

    Args:
        results (Results): The records.

    Returns:
        str: Markdown, a list.
    """
    runs = results.runs
    lines = [
        f'Config: `{results.config}`; seeds: {", ".join(map(str, results.seeds))}.',
        *results.notes,
        *(f'{name}: {_condition(value)}.' for name, value in results.conditions.items()),
        *_sizes(results),
        f'Time: {_times(runs)}{_total(results)} for all steps together.',
        *environments_of(runs),
    ]
    return 'How:\n\n' + '\n'.join(f'- {line}' for line in lines)


def _condition(condition: dict) -> str:
    said = []
    if condition.get('prob'):
        what, when = SCOPES[condition.get('scope', 'frame')]
        said.append(
            f"each {what} of the student's input is occluded with probability "
            f'{condition["prob"]:g}, {when}, in training and in test'
        )
    trained = list(condition.get('degradations', ()))
    tested = list(condition.get('test_degradations', trained))
    places = {'training alone': trained, 'test alone': tested}
    if trained == tested:
        places = {'training and in test': trained}
    said += [
        f"the student's input is degraded by {', '.join(names)}, in {where}"
        for where, names in places.items()
        if names
    ]
    return '; '.join(said) or "nothing of the student's input is occluded"


def _sizes(results: Results) -> list[str]:
    """Clips and epochs, of the teacher and of the students; with names where students differ."""
    lines = []
    for whose, models in (('Teacher', [TEACHER]), ('Students', results.students)):
        by_size = _by_size(results, models)
        for (train, test, epochs), names in sorted(by_size.items()):
            only = f' ({", ".join(names)})' if len(by_size) > 1 else ''
            lines.append(
                f'{whose}{only}: {train} clips in training, {test} in test (one is '
                f'{100 / test:.1f} points), {epochs} epochs; the last one is tested.'
            )
    return lines


def _by_size(results: Results, models: list[str]) -> dict[tuple[str, int, int], list[str]]:
    """Which models had so many clips in training, in test, and epochs."""
    by_size: dict[tuple[str, int, int], list[str]] = {}
    for model in models:
        sizes = {
            _size(runs)
            for condition in results.conditions
            for runs in results.complete(model, condition).values()
        }
        for size in sizes:
            by_size.setdefault(size, []).append(model)
    return by_size


def _size(folds: list[Run]) -> tuple[str, int, int]:
    """Clips in training, in test, and epochs of one seed's folds together."""
    train = sorted({run.clips['train'] for run in folds})
    shown = f'{train[0]} to {train[-1]}' if len(train) > 1 else str(train[0])
    return shown, sum(run.clips['test'] for run in folds), folds[0].epochs


def _times(runs: list[Run]) -> str:
    whole = [run.seconds for run in runs if not run.resumed]
    if not whole:
        return ''
    return f'{_duration(min(whole))} to {_duration(max(whole))} a run, '


def _total(results: Results) -> str:
    """An interrupted run tells the time of its last part alone."""
    least = 'at least ' if any(run.resumed for run in results.runs) else ''
    return least + _duration(results.seconds)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f'{seconds:.0f} s'
    if seconds < 5400:
        return f'{seconds / 60:.0f} min'
    return f'{seconds / 3600:.1f} h'


def environments_of(runs: Iterable[Run]) -> list[str]:
    """One line for every environment met; a chain that was continued may have several.

    Args:
        runs (Iterable[Run]): Some runs.

    Returns:
        list[str]: What they were made with, and the commit.
    """
    lines = []
    for run in runs:
        named = ', '.join(
            f'{key} {value}' for key, value in run.environment.items() if key != 'commit'
        )
        line = f'{named}; commit {run.environment.get("commit") or "unknown"}.'
        if run.environment and line not in lines:
            lines.append(line)
    return lines
