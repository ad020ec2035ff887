"""The paper's tables: run what is missing of their rows, set our figures beside the paper's."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from partkd.arguments import Seed, Whole, checked
from partkd.engine.distributed import require_one_process
from partkd.evaluation import Results, environments_of
from partkd.experiments import chain_logger
from partkd.files import require_place
from partkd.reproduction import (
    Figure,
    Job,
    Plan,
    Table,
    describe_missing,
    describe_plan,
    job_config,
    make_figure,
    make_plan,
    missing_files,
    read_table,
    report,
    run_on_cluster,
    side_config,
    write_report,
)

from .distill import distill


class ReproduceError(RuntimeError):
    """Some runs of a table failed; the others are done."""


@checked
def reproduce(
    table: str | Path,
    data: str | Path,
    rows: Sequence[str] | None = None,
    seeds: Sequence[Seed] | None = None,
    splits: Whole | None = None,
    work_dir: str | Path = 'work_dirs/reproduce',
    cluster: Literal['slurm', 'local'] | None = None,
    cluster_options: Mapping[str, Any] | None = None,
    dry_run: bool = False,
    options: dict | None = None,
) -> list[Figure]:
    """Run what is missing of rows of a table of the paper, and report.

    Rows are run by :func:`partkd.apis.distill`, in folders below `work_dir` that the tables share,
    and are not run twice. Before anything is, all files that are missing are named with the
    commands that make them; rows whose files are there are run. ``<table>.md``, ``<table>.csv``
    and ``<table>.json`` in `work_dir`, of the rows asked for, are rewritten after every run. A run
    that fails is logged and the others go on.

    Args:
        table (str | Path): Its name, such as ``'table1'``, or a file, see
            :func:`partkd.reproduction.read_table`.
        data (str | Path): Folder of all data.
        rows (Sequence[str], optional): Names of the rows to run. Defaults to None, all.
        seeds (Sequence[int], optional): Instead of the table's. Defaults to None.
        splits (int, optional): How many splits, where a data set has several. Defaults to None,
            all.
        work_dir (str | Path): Where all of it goes. Defaults to ``'work_dirs/reproduce'``.
        cluster (str, optional): Hands the runs to ``'slurm'``, or all at once to ``'local'``
            processes, through submitit. Defaults to None: one after the other, here.
        cluster_options (Mapping[str, Any], optional): Of the cluster's jobs, see
            :func:`partkd.reproduction.run_on_cluster`. Defaults to None.
        dry_run (bool): Prints the runs and what they cost, and runs nothing. Defaults to False.
        options (dict, optional): Settings of teachers and students to override, by dotted key.
            Defaults to None.

    Returns:
        list[Figure]: Of every row and column.

    Raises:
        FileNotFoundError: If there is no such table, or the files are missing of all rows.
        ValueError: If there is no such row.
        ReproduceError: At the end, if runs failed.
    """
    require_one_process('Start one; it runs one training at a time, or hands them to a cluster')
    the_table, data, work_dir = read_table(table), Path(data), Path(work_dir)
    plan = make_plan(the_table, the_table.select(rows), seeds, splits)
    epochs = _epochs(the_table, plan, data, options)
    missing = missing_files(the_table, plan, data)
    if dry_run:
        print(describe_plan(the_table, plan, epochs, work_dir))
        if missing:
            print(f'\n{describe_missing(missing, plan)}')
        return [make_figure(the_table, cell, {}) for cell in plan.cells]
    lacking = {job.folder for one in missing for job in one.jobs}
    ready = [job for job in plan.jobs.values() if job.folder not in lacking]
    if missing and not ready:
        raise FileNotFoundError(describe_missing(missing, plan))
    with chain_logger('reproduce', work_dir) as logger:
        if missing:
            logger.warning(describe_missing(missing, plan))
        progress = _Progress(the_table, plan, work_dir, logger)
        arguments = [(the_table, job, data, work_dir, options) for job in ready]
        for job, error in zip(ready, _errors(arguments, cluster, cluster_options, work_dir)):
            progress.done(job, error)
        logger.info(f'\n{progress.page()}')
    if progress.failures:
        raise ReproduceError(
            f'{len(progress.failures)} failed: {", ".join(progress.failures)}. See '
            f'{work_dir / "reproduce.log"}; the same command does what is missing'
        )
    return progress.figures


def _errors(
    arguments: Sequence[tuple],
    cluster: Literal['slurm', 'local'] | None,
    parameters: Mapping[str, Any] | None,
    work_dir: Path,
) -> Iterator[Exception | None]:
    """Run the jobs. Yields how each failed, in order, and None where it did not."""
    if cluster is not None:
        yield from run_on_cluster(_run, arguments, cluster, work_dir / cluster, parameters)
        return
    for one in arguments:
        try:
            _run(*one)
        except Exception as error:
            yield error
        else:
            yield None


def _run(table: Table, job: Job, data: Path, work_dir: Path, options: dict | None) -> None:
    """One job, also in a process of its own on another machine."""
    cfg = job_config(table, job, data, work_dir, options)
    distill(cfg, work_dir / job.folder, list(job.seeds), job.students, job.conditions)


def _epochs(table: Table, plan: Plan, data: Path, options: dict | None) -> dict[Path, int]:
    """Epochs of the trainings by their folder, which the splits share. Finds faulty options."""
    jobs = {job.folder.parent: job for job in plan.jobs.values()}
    return {
        folder: int(side_config(table, job, job.student, data, options).train_cfg['max_epochs'])
        for folder, job in jobs.items()
    }


class _Progress:
    """Takes up the records of jobs and rewrites the report."""

    def __init__(self, table: Table, plan: Plan, work_dir: Path, logger: logging.Logger) -> None:
        self.table, self.plan, self.work_dir, self.logger = table, plan, work_dir, logger
        self.stem = work_dir / table.file.stem
        for suffix in ('.md', '.csv', '.json'):
            require_place(self.stem.with_suffix(suffix))
        self.results: dict[Path, Results] = {}
        self.failures: list[str] = []

    @property
    def figures(self) -> list[Figure]:
        """Of what is done so far."""
        return [make_figure(self.table, cell, self.results) for cell in self.plan.cells]

    @property
    def environments(self) -> list[str]:
        """What was done so far was made with these."""
        return environments_of(run for results in self.results.values() for run in results.runs)

    def page(self) -> str:
        """The report as markdown."""
        return report(self.table, self.plan, self.figures, self.environments)

    def done(self, job: Job, error: Exception | None) -> None:
        """A job has ended."""
        if error is None:
            self.results[job.folder] = Results.load(self.work_dir / job.folder / 'results.json')
        else:
            self.failures.append(str(job.folder))
            self.logger.error(f'{job.folder}: failed. {error}')
        write_report(self.stem, self.table, self.plan, self.figures, self.environments)
