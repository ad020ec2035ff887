"""Pieces of a markdown page."""

from .statistics import Summary

NOTHING = '–'


def cell(summary: Summary, sign: str = '') -> str:
    """A summary in percent: mean ± deviation (count).

    Args:
        summary (Summary): Of values in [-1, 1].
        sign (str): ``'+'`` shows the sign of the mean also where it is positive. Defaults to ''.

    Returns:
        str: Such as ``'71.8 ± 3.4 (4)'``.
    """
    deviation = '' if summary.deviation is None else f' ± {100 * summary.deviation:.1f}'
    return f'{100 * summary.mean:{sign}.1f}{deviation} ({summary.count})'


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table.

    Args:
        head (list[str]): Heads of the columns.
        rows (list[list[str]]): The cells.

    Returns:
        str: Markdown.
    """
    lines = [head, ['---'] * len(head), *rows]
    return '\n'.join('| ' + ' | '.join(line) + ' |' for line in lines)
