"""What has to be run for rows of a table: calls of ``distill()``, each for many rows."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from partkd.evaluation import TEACHER, Results

from .tables import Column, Row, Table


@dataclass(frozen=True)
class Job:
    """A recipe on one split: a teacher, and students under conditions, under every seed.

    Args:
        data (str): The data set.
        teacher (str): The teacher's skeletons.
        student (str): The student's skeletons.
        backbone (str): See :class:`Row`.
        paired (float): See :class:`Row`.
        train (str): The split that is trained on.
        test (str): The split that is tested.
        clips (int): How many clips the publishers have in training.
        seeds (tuple[int, ...]): The seeds.
        students (tuple[str, ...]): Those that are asked for.
        conditions (tuple[str, ...]): Those that are asked for.
    """

    data: str
    teacher: str
    student: str
    backbone: str
    paired: float
    train: str
    test: str
    clips: int
    seeds: tuple[int, ...]
    students: tuple[str, ...]
    conditions: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where its steps are, below the work directory: the same for jobs of other tables."""
        parts = [self.data, self.teacher, 'to', self.student]
        parts += [self.backbone] if self.backbone else []
        parts += [f'{round(100 * self.paired)}_percent'] if self.paired < 1 else []
        return Path(re.sub(r'[^\w.]+', '_', '_'.join(parts)), self.train)

    @property
    def num_trainings(self) -> int:
        """Teachers and students."""
        return len(self.seeds) * (1 + len(self.students) * len(self.conditions))

    def recorded(self, work_dir: Path) -> int:
        """How many of its trainings the records of the last call have.

        Args:
            work_dir (Path): Where all jobs have their folders.

        Returns:
            int: 0 where there are no records.
        """
        file = work_dir / self.folder / 'results.json'
        if not file.is_file():
            return 0
        return sum(
            run.seed in self.seeds
            and run.model in (TEACHER, *self.students)
            and run.condition in (None, *self.conditions)
            for run in Results.load(file).runs
        )


@dataclass(frozen=True)
class Cell:
    """A figure of a row.

    Args:
        row (Row): The row.
        column (str): The column.
        jobs (tuple[Path, ...]): Folders of the jobs that it is the mean of, one a split; none where
            nothing is run.
    """

    row: Row
    column: str
    jobs: tuple[Path, ...]


@dataclass(frozen=True)
class Plan:
    """All that rows of a table need.

    Args:
        rows (list[Row]): The rows.
        cells (list[Cell]): The figures, row by row.
        jobs (dict[Path, Job]): The jobs by their folders, in order.
    """

    rows: list[Row]
    cells: list[Cell]
    jobs: dict[Path, Job]

    def needing(self, jobs: Iterable[Job]) -> list[str]:
        """Names of the rows that need one of these jobs, in order."""
        folders = {job.folder for job in jobs}
        return list(dict.fromkeys(c.row.name for c in self.cells if folders & set(c.jobs)))


def make_plan(
    table: Table,
    rows: Sequence[Row],
    seeds: Sequence[int] | None = None,
    splits: int | None = None,
) -> Plan:
    """What has to be run for rows.

    Args:
        table (Table): The table.
        rows (Sequence[Row]): Rows of it.
        seeds (Sequence[int], optional): In the place of the data sets' own. Defaults to None.
        splits (int, optional): How many of the splits, where there are several. Defaults to None,
            all.

    Returns:
        Plan: Figures and jobs.
    """
    cells: list[Cell] = []
    jobs: dict[Path, Job] = {}
    for row in rows:
        data = table.data_sets[row.data]
        for name, column in data.columns.items():
            own = _jobs_of(row, column, tuple(data.seeds if seeds is None else seeds), splits)
            for job in own:
                jobs[job.folder] = _joined(job, jobs.get(job.folder, job), table)
            cells.append(Cell(row, name, tuple(job.folder for job in own)))
    return Plan(list(rows), cells, {key: _with_a_student(job, table) for key, job in jobs.items()})


def _jobs_of(row: Row, column: Column, seeds: tuple[int, ...], most: int | None) -> list[Job]:
    if row.model is None:
        return []
    count = column.splits if most is None else min(most, column.splits)
    return [
        Job(
            data=row.data,
            teacher=row.teacher,
            student=row.student,
            backbone=row.backbone,
            paired=row.paired,
            train=column.train.format(number),
            test=column.test.format(number),
            clips=column.clips,
            seeds=seeds,
            students=() if row.model == TEACHER else (row.model,),
            conditions=() if row.model == TEACHER else (row.condition,),
        )
        for number in range(1, count + 1)
    ]


def _with_a_student(job: Job, table: Table) -> Job:
    """A recipe has one, also where the teacher alone is asked for."""
    return replace(
        job,
        students=job.students or (next(iter(table.students)),),
        conditions=job.conditions or (next(iter(table.conditions)),),
    )


def _joined(job: Job, other: Job, table: Table) -> Job:
    """One job for the students and conditions of two, in the order of the table."""
    students, conditions = {*job.students, *other.students}, {*job.conditions, *other.conditions}
    return replace(
        job,
        students=tuple(name for name in table.students if name in students),
        conditions=tuple(name for name in table.conditions if name in conditions),
    )
