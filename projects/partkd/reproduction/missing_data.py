"""Which files are not there, and what makes them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .jobs import Job, Plan
from .tables import Table


@dataclass(frozen=True)
class MissingFile:
    """An annotation file that jobs need.

    Args:
        file (Path): The file.
        holds (str): Of what data set, and by which sensor or estimator.
        command (str): What makes it.
        jobs (tuple[Job, ...]): Which jobs.
    """

    file: Path
    holds: str
    command: str
    jobs: tuple[Job, ...]


def missing_files(table: Table, plan: Plan, data: Path) -> list[MissingFile]:
    """The annotation files that are not there, with those that they are made of.

    Args:
        table (Table): The table.
        plan (Plan): The jobs.
        data (Path): Folder of all data.

    Returns:
        list[MissingFile]: Each once, in an order in which they can be made.
    """
    found = []
    for name, data_set in table.data_sets.items():
        files = {key: data / one.file for key, one in data_set.skeletons.items()}
        needed: dict[str, list[Job]] = {}
        for job in plan.jobs.values():
            for key in {job.teacher, job.student} if job.data == name else ():
                if not files[key].is_file():
                    for other in {key, *data_set.skeletons[key].made_of}:
                        needed.setdefault(other, []).append(job)
        for key, one in data_set.skeletons.items():
            if key in needed and not files[key].is_file():
                command = f'python tools/data/convert.py {one.convert.format(**files)}'
                holds = f'{data_set.name}, {one.name}'
                found.append(MissingFile(files[key], holds, command, tuple(needed[key])))
    return found


def describe_missing(missing: Iterable[MissingFile], plan: Plan) -> str:
    """What is missing, what it is needed for, and the commands that make it.

    Args:
        missing (Iterable[MissingFile]): Some files, one or more.
        plan (Plan): The jobs.

    Returns:
        str: Some lines; words in capitals are for the user to fill in.
    """
    lines = ['these files are missing; words in capitals stand for your own paths:']
    for one in missing:
        lines.append(f'- {one.file} ({one.holds}), for {", ".join(plan.needing(one.jobs))}:')
        lines.append(f'  {one.command}')
    return '\n'.join(lines)
