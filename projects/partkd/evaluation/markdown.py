"""Pieces of a markdown page."""

from .statistics import Summary

NOTHING = '–'


def cell(summary: Summary, sign: str = '', digits: int = 1) -> str:
    """A summary in percent: mean ± deviation (count).

    Args:
        summary (Summary): Of values in [-1, 1].
        sign (str): ``'+'`` shows the sign of the mean also where it is positive. Defaults to ''.
        digits (int): Behind the point. Defaults to 1.

    Returns:
        str: Such as ``'71.8 ± 3.4 (4)'``.
    """
    deviation = '' if summary.deviation is None else f' ± {100 * summary.deviation:.{digits}f}'
    return f'{100 * summary.mean:{sign}.{digits}f}{deviation} ({summary.count})'


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
