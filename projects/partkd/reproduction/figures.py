"""Our figures beside the paper's."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from partkd.evaluation import Results, Summary, summarise

from .jobs import Cell
from .tables import Table


@dataclass(frozen=True)
class Figure:
    """A figure of a table.

    Args:
        source (str): Which table of the paper.
        row (str): The row.
        column (str): The column.
        data (str): The data set.
        model (str | None): ``'teacher'`` or the student's name; None where the row has the paper's
            figures alone.
        condition (str): The condition's name.
        paper (float | None): The paper's, in percent; None where it has none.
        ours (float | None): Ours, in percent: the mean over seeds, or over splits of the means over
            seeds. None where there is none.
        deviation (float | None): Sample standard deviation over the seeds, or over the splits, in
            points; None for a single one.
        seeds (list[int]): The seeds of ours.
        splits (list[str]): What they were trained on.
    """

    source: str
    row: str
    column: str
    data: str
    model: str | None
    condition: str
    paper: float | None
    ours: float | None
    deviation: float | None
    seeds: list[int]
    splits: list[str]

    @property
    def summary(self) -> Summary | None:
        """Ours as shares of one; None where there is none."""
        if self.ours is None:
            return None
        count = len(self.splits) if len(self.splits) > 1 else len(self.seeds)
        deviation = None if self.deviation is None else self.deviation / 100
        return Summary(self.ours / 100, deviation, count)


def make_figure(table: Table, cell: Cell, results: Mapping[Path, Results]) -> Figure:
    """A figure of the records of its jobs.

    Args:
        table (Table): The table.
        cell (Cell): Which figure.
        results (Mapping[Path, Results]): Records of jobs that are done, by their folders.

    Returns:
        Figure: Ours of the splits that are done.
    """
    row, metric = cell.row, table.data_sets[cell.row.data].columns[cell.column].metric
    by_split = {
        job.name: results[job].by_seed(row.model, row.condition, metric)
        for job in cell.jobs
        if row.model is not None and job in results
    }
    if len(by_split) == 1:
        (values,) = (list(by_seed.values()) for by_seed in by_split.values())
    else:
        values = [summarise(by_seed.values()).mean for by_seed in by_split.values()]
    summary = summarise(values) if values else None
    deviation = summary.deviation if summary else None
    return Figure(
        source=table.source,
        row=row.name,
        column=cell.column,
        data=row.data,
        model=row.model,
        condition=row.condition,
        paper=row.paper.get(cell.column),
        ours=None if summary is None else 100 * summary.mean,
        deviation=None if deviation is None else 100 * deviation,
        seeds=sorted({seed for by_seed in by_split.values() for seed in by_seed}),
        splits=list(by_split),
    )
