"""Results as markdown."""

from collections.abc import Iterable, Sequence

from .comparison import Comparison, Difference, Share
from .markdown import NOTHING, cell, table
from .results import TEACHER, Results
from .run_description import describe_runs
from .statistics import paired_differences, summarise
from .together import together

PAPER = 'Liu et al., arXiv 2404.18206'
PAPER_ROWS = ('teacher', 'without distillation', 'with distillation')


def merged_report(
    results: Sequence[Results], title: str = 'Results', all_together: bool = False
) -> str:
    """Several recipes' reports as sections of one page.

    Args:
        results (Sequence[Results]): The recipes.
        title (str): Heading of the page. Defaults to ``'Results'``.
        all_together (bool): Adds a section of all of them as one, see :func:`together`. Defaults to
            False.

    Returns:
        str: Markdown.

    Raises:
        ValueError: If they cannot be put together.
    """
    if all_together:
        results = [*results, together(results)]
    return '\n'.join([f'# {title}\n', *(report(one, level=2) for one in results)])


def report(results: Results, level: int = 1) -> str:
    """One recipe's report: the figures, the students against each other, how they were had.

    Args:
        results (Results): The recipe's records.
        level (int): Level of its heading. Defaults to 1.

    Returns:
        str: Markdown.

    Raises:
        ValueError: If two students were not tested on the same clips.
    """
    left_out = ' (clips left out in turn)' if results.folds else ''
    parts = [f'{"#" * level} {results.title}{left_out}']
    if len(results.runs) < results.planned:
        parts.append(f'**Not complete: {len(results.runs)} of {results.planned} runs so far.**')
    comparisons = [Comparison(results, condition) for condition in results.conditions]
    parts += [
        _figures(results),
        _differences(results, comparisons),
        _shares(results, comparisons),
        _folds(results),
        _pairs(results, comparisons),
        describe_runs(results),
    ]
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
    return f'{text}\n\n{table(["", *results.conditions], rows)}'


def _paper_rows(results: Results) -> list[list[str]]:
    rows = []
    for index, name in enumerate(PAPER_ROWS):
        figures = [results.paper.get(condition) for condition in results.conditions]
        cells = [NOTHING if three is None else f'*{three[index]:.1f}*' for three in figures]
        rows.append([f'*paper: {name}*', *cells])
    return rows


def _differences(results: Results, comparisons: list[Comparison]) -> str:
    baseline, *students = results.students
    if not students:
        return ''
    rows = [
        [student, *(_difference(one.difference(student, baseline)) for one in comparisons)]
        for student in students
    ]
    text = (
        f'Points gained over *{baseline}* with the same seed: mean ± sample standard deviation '
        'of the paired differences (number of seeds) [95 % bootstrap interval over '
        f'{_resampled(results)} where single clips are known]. {_warning(results)}'
    )
    return f'{text}\n\n{table(["", *results.conditions], rows)}'


def _resampled(results: Results) -> str:
    drawn = ['what is left out', 'clips'] if results.folds else ['clips']
    if len(results.seeds) == 1:
        return f'{" and ".join(drawn)}, not seeds,'
    return ', '.join(['seeds', *drawn[:-1]]) + f' and {drawn[-1]}'


def _warning(results: Results) -> str:
    if results.folds:
        return (
            f'With fewer than five seeds, or a few left out ({len(results.folds)} here), it is too '
            'narrow.'
        )
    return (
        'Clips of one person count as independent, so an interval is of these people, and with '
        'fewer than five seeds it is too narrow.'
    )


def _folds(results: Results) -> str:
    """Whether a gain is everybody's or one person's."""
    baseline, *students = results.students
    if not students or not results.folds:
        return ''
    parts = [
        f'Who has the gain: top-1 of *{baseline}*, and points gained over it with the same seeds, '
        'by what was left out.'
    ]
    for condition in results.conditions:
        theirs = results.by_fold(baseline, condition)
        rows = [[baseline, *(_mean(theirs[fold].values()) for fold in results.folds)]]
        for student in students:
            ours = results.by_fold(student, condition)
            gains = (paired_differences(ours[fold], theirs[fold]) for fold in results.folds)
            rows.append([student, *(_mean(gain, sign='+') for gain in gains)])
        parts.append(f'*{condition}*:\n\n{table(["", *results.folds], rows)}')
    return '\n\n'.join(parts)


def _mean(values: Iterable[float], sign: str = '') -> str:
    values = list(values)
    return f'{100 * summarise(values).mean:{sign}.1f}' if values else NOTHING


def _shares(results: Results, comparisons: list[Comparison]) -> str:
    baseline, *students = results.students
    if not students:
        return ''
    rows = [[student, *(_share(one.share(student)) for one in comparisons)] for student in students]
    text = (
        f'Share of the gap between teacher and *{baseline}* that this recovers: mean gain over '
        'mean gap [95 % bootstrap interval as above]; no interval where that of the gap reaches '
        '0, or where the teacher was tested on other clips.'
    )
    return f'{text}\n\n{table(["", *results.conditions], rows)}'


def _pairs(results: Results, comparisons: list[Comparison]) -> str:
    """Every student but the baseline, which has a table of its own, against every other."""
    students = results.students[1:]
    if len(students) < 2:
        return ''
    numbers = [f'{number}' for number in range(1, len(students) + 1)]
    parts = [
        'Points that a row has over the student with the number of the column, as above. With '
        'many pairs some intervals leave out 0 by chance.'
    ]
    for condition, comparison in zip(results.conditions, comparisons):
        rows = [
            [
                f'{numbers[row]}. {student}',
                *(_short(comparison.difference(student, other)) for other in students[:row]),
                *[''] * (len(students) - 1 - row),
            ]
            for row, student in enumerate(students)
        ]
        parts.append(f'*{condition}*:\n\n{table(["", *numbers[:-1]], rows)}')
    return '\n\n'.join(parts)


def _difference(difference: Difference | None) -> str:
    if difference is None:
        return NOTHING
    return f'{cell(difference.summary, sign="+")}{_interval(difference.interval)}'


def _short(difference: Difference | None) -> str:
    if difference is None:
        return NOTHING
    return f'{100 * difference.summary.mean:+.1f}{_interval(difference.interval)}'


def _share(share: Share | None) -> str:
    if share is None:
        return NOTHING
    if share.value is None:
        return 'no gap'
    return f'{100 * share.value:.0f} %{_interval(share.interval, digits=0)}'


def _interval(ends: tuple[float, float] | None, digits: int = 1) -> str:
    if ends is None:
        return ''
    low, high = (f'{100 * end:+.{digits}f}' for end in ends)
    return f' [{low}, {high}]'


def _figure(by_seed: dict[int, float]) -> str:
    return cell(summarise(by_seed.values())) if by_seed else NOTHING
