"""Results as markdown."""

from collections.abc import Sequence

from .results import TEACHER, Results, Run
from .statistics import Summary, gap_recovered, paired_differences, summarise

PAPER = 'Liu et al., arXiv 2404.18206'
PAPER_ROWS = ('teacher', 'without distillation', 'with distillation')
NOTHING = '–'
SCOPES = {
    'frame': ('joint', 'in each frame on its own'),
    'clip': ('joint', 'for the whole clip'),
    'part': ('body part', 'for the whole clip'),
}


def merged_report(results: Sequence[Results], title: str = 'Results') -> str:
    """Several recipes' reports as sections of one page.

    Args:
        results (Sequence[Results]): The recipes.
        title (str): Heading of the page. Defaults to ``'Results'``.

    Returns:
        str: Markdown.
    """
    return '\n'.join([f'# {title}\n', *(report(one, level=2) for one in results)])


def report(results: Results, level: int = 1) -> str:
    """One recipe's report: the figures, the paired differences, and how they were had.

    Args:
        results (Results): The recipe's records.
        level (int): Level of its heading. Defaults to 1.

    Returns:
        str: Markdown.
    """
    parts = [f'{"#" * level} {results.title}']
    if len(results.runs) < results.planned:
        parts.append(f'**Not complete: {len(results.runs)} of {results.planned} runs so far.**')
    parts += [_figures(results), _differences(results), _how(results)]
    return '\n\n'.join(part for part in parts if part) + '\n'


def _figures(results: Results) -> str:
    rows = [
        [model, *(_figure(results.by_seed(model, condition)) for condition in results.conditions)]
        for model in (TEACHER, *results.students)
    ]
    text = 'Top-1 in percent: mean ± sample standard deviation (number of seeds).'
    if results.conditions:
        text += ' The teacher sees its own clean data, so its figure is the same in all columns.'
    if results.paper:
        rows += _paper_rows(results)
        text += f" Rows in italics are the paper's own figures ({PAPER}), on its own data."
    return f'{text}\n\n{_table(["", *results.conditions], rows)}'


def _paper_rows(results: Results) -> list[list[str]]:
    rows = []
    for index, name in enumerate(PAPER_ROWS):
        figures = [results.paper.get(condition) for condition in results.conditions]
        cells = [NOTHING if three is None else f'*{three[index]:.1f}*' for three in figures]
        rows.append([f'*paper: {name}*', *cells])
    return rows


def _differences(results: Results) -> str:
    baseline, *students = results.students
    if not students:
        return ''
    rows = [
        [student, *(_difference(results, student, condition) for condition in results.conditions)]
        for student in students
    ]
    text = (
        f'Points gained over *{baseline}* with the same seed: mean ± sample standard deviation '
        'of the paired differences (number of seeds); share of the gap between teacher and '
        f'*{baseline}* that this recovers (mean gain over mean gap).'
    )
    return f'{text}\n\n{_table(["", *results.conditions], rows)}'


def _difference(results: Results, student: str, condition: str) -> str:
    values = results.by_seed(student, condition)
    baseline = results.by_seed(results.students[0], condition)
    differences = paired_differences(values, baseline)
    if not differences:
        return NOTHING
    share = gap_recovered(values, baseline, results.by_seed(TEACHER, condition))
    gap = NOTHING if share is None else f'{100 * share:.0f} %'
    return f'{_cell(summarise(differences), sign="+")}; {gap}'


def _figure(by_seed: dict[int, float]) -> str:
    return _cell(summarise(by_seed.values())) if by_seed else NOTHING


def _cell(summary: Summary, sign: str = '') -> str:
    deviation = '' if summary.deviation is None else f' ± {100 * summary.deviation:.1f}'
    return f'{100 * summary.mean:{sign}.1f}{deviation} ({summary.count})'


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ['---'] * len(head), *rows]
    return '\n'.join('| ' + ' | '.join(line) + ' |' for line in lines)


def _how(results: Results) -> str:
    runs = results.runs
    lines = [
        f'Config: `{results.config}`; seeds: {", ".join(map(str, results.seeds))}.',
        *results.notes,
        *(f'{name}: {_occlusion(value)}.' for name, value in results.conditions.items()),
        *_sizes(runs),
        f'Wall time: {_times(runs)}{_total(results)} in all.',
        *_environments(runs),
    ]
    return 'How:\n\n' + '\n'.join(f'- {line}' for line in lines)


def _occlusion(condition: dict) -> str:
    if not condition.get('prob'):
        return "nothing of the student's input is occluded"
    what, when = SCOPES[condition.get('scope', 'frame')]
    return (
        f"each {what} of the student's input is occluded with probability "
        f'{condition["prob"]:g}, {when}, in training and in test'
    )


def _sizes(runs: list[Run]) -> list[str]:
    """Clips and epochs, of the teacher and of the students where these differ."""
    lines = []
    for name, chosen in (
        ('Teacher', [run for run in runs if run.model == TEACHER]),
        ('Students', [run for run in runs if run.model != TEACHER]),
    ):
        for train, test, epochs in sorted(
            {(run.clips['train'], run.clips['test'], run.epochs) for run in chosen}
        ):
            lines.append(
                f'{name}: {train} clips in training, {test} in test (one is '
                f'{100 / test:.1f} points), {epochs} epochs; the last one is tested.'
            )
    return lines


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


def _environments(runs: list[Run]) -> list[str]:
    """One line for every environment met; a chain that was continued may have several."""
    lines = []
    for run in runs:
        named = ', '.join(
            f'{key} {value}' for key, value in run.environment.items() if key != 'commit'
        )
        line = f'{named}; commit {run.environment.get("commit") or "unknown"}.'
        if run.environment and line not in lines:
            lines.append(line)
    return lines
