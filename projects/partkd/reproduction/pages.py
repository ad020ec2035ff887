"""What a table's command shows and writes."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from partkd.evaluation import NOTHING, TEACHER, cell
from partkd.evaluation import table as markdown_table
from partkd.files import write_atomically

from .figures import Figure
from .jobs import Job, Plan
from .tables import Row, Table

_COST = 'trainings x clips x epochs'


def report(
    table: Table, plan: Plan, figures: Sequence[Figure], environments: Sequence[str] = ()
) -> str:
    """Our figures beside the paper's.

    Args:
        table (Table): The table.
        plan (Plan): The rows that were asked for.
        figures (Sequence[Figure]): Theirs.
        environments (Sequence[str]): What ours were made with. Defaults to none, none are there.

    Returns:
        str: Markdown, a table for each data set.
    """
    what = [
        'In percent. Ours: mean ± sample standard deviation (number of seeds, or of splits where a '
        'data set has several).'
    ]
    if table.paper:
        what.append(f'Paper: {table.paper}, on its own data.')
    parts = [f'# {table.source}: {table.title}', ' '.join(what)]
    done = {(figure.row, figure.column): len(figure.splits) for figure in figures}
    behind = [c.row.name for c in plan.cells if done[c.row.name, c.column] < len(c.jobs)]
    if behind:
        names = ', '.join(dict.fromkeys(behind))
        parts += [f'**Not complete: {names}.** `reproduce.log` says what is missing or has failed.']
    by_place = {(figure.row, figure.column): figure for figure in figures}
    for name, data in table.data_sets.items():
        own = [row for row in plan.rows if row.data == name]
        if not own:
            continue
        head = ['row', 'model', 'skeletons', 'occlusion']
        width = 3 if table.paper else 1  # ours, the paper's, the difference
        for column in data.columns:
            head += [f'{column}, ours', 'paper', 'difference'][:width]
        lines = [
            _described(table, row)
            + [
                text
                for column in data.columns
                for text in _cells(by_place[row.name, column])[:width]
            ]
            for row in own
        ]
        parts += [f'## {data.name}', markdown_table(head, lines)]
        seeds = sorted({seed for one in figures if one.data == name for seed in one.seeds})
        notes = [f'Seeds: {", ".join(map(str, seeds))}.'] if seeds else []
        parts += ['\n'.join(f'- {note}' for note in (*notes, *data.notes))]
    parts += [f'- {note}' for note in (*table.notes, *environments)]
    return '\n\n'.join(filter(None, parts)) + '\n'


def _described(table: Table, row: Row) -> list[str]:
    skeletons = table.data_sets[row.data].skeletons
    network = f', {table.backbones[row.backbone].name}' if row.backbone else ''
    share = f', {100 * row.paired:.0f} % pairs' if row.paired < 1 else ''
    side = row.teacher if row.model == TEACHER else row.student
    occlusion = row.condition if row.model not in (None, TEACHER) else NOTHING
    return [
        row.name,
        f'{row.model or row.method}{network}{share}',
        skeletons[side].name,
        occlusion,
    ]


def _cells(figure: Figure) -> list[str]:
    ours, paper, difference = NOTHING, NOTHING, NOTHING
    if figure.summary is not None:
        ours = cell(figure.summary, digits=2)
    if figure.paper is not None:
        paper = f'{figure.paper:.2f}'
    if figure.ours is not None and figure.paper is not None:
        difference = f'{figure.ours - figure.paper:+.2f}'
    return [ours, paper, difference]


def write_report(
    stem: Path,
    table: Table,
    plan: Plan,
    figures: Sequence[Figure],
    environments: Sequence[str] = (),
) -> None:
    """Write ``.md``, ``.csv`` and ``.json``, each atomically.

    Args:
        stem (Path): Path of the files without what follows the point.
        table (Table): The table.
        plan (Plan): The rows that were asked for.
        figures (Sequence[Figure]): Theirs.
        environments (Sequence[str]): See :func:`report`. Defaults to none.
    """
    records = [asdict(figure) for figure in figures]
    lines = io.StringIO()
    writer = csv.DictWriter(lines, [field.name for field in fields(Figure)], lineterminator='\n')
    writer.writeheader()
    for record in records:
        joined = {key: ' '.join(map(str, record[key])) for key in ('seeds', 'splits')}
        writer.writerow(record | joined)
    content = dict(
        source=table.source,
        title=table.title,
        paper=table.paper,
        environments=list(environments),
        figures=records,
    )
    write_atomically(stem.with_suffix('.md'), report(table, plan, figures, environments))
    write_atomically(stem.with_suffix('.csv'), lines.getvalue())
    write_atomically(
        stem.with_suffix('.json'), json.dumps(content, indent=1, ensure_ascii=False) + '\n'
    )


def describe_plan(table: Table, plan: Plan, epochs: dict[Path, int], work_dir: Path) -> str:
    """What would be run, and what it costs.

    Args:
        table (Table): The table, whose rate tells the hours.
        plan (Plan): The jobs.
        epochs (dict[Path, int]): Of each training, by the folder that the splits share.
        work_dir (Path): Where all jobs have their folders.

    Returns:
        str: Markdown, a line for all splits of a size, and one for everything.
    """
    alike: dict[tuple[Path, int], list[Job]] = {}
    for job in plan.jobs.values():
        alike.setdefault((job.folder.parent, job.clips), []).append(job)
    lines, total = [], 0
    for (folder, clips), jobs in alike.items():
        trainings = sum(job.num_trainings for job in jobs)
        cost = trainings * clips * epochs[folder]
        total += cost
        first = jobs[0]
        lines.append(
            [
                str(folder),
                first.train if len(jobs) == 1 else f'{len(jobs)} splits',
                ', '.join((TEACHER, *first.students)),
                ', '.join(first.conditions),
                ', '.join(map(str, first.seeds)),
                f'{sum(job.recorded(work_dir) for job in jobs)} of {trainings}',
                f'{trainings} x {clips} x {epochs[folder]}',
                f'{cost / table.rate / 3600:.1f}',
            ]
        )
    lines.append(['all', *[''] * 5, f'{total}', f'{total / table.rate / 3600:.1f}'])
    head = ['run', 'trained on', 'models', 'conditions', 'seeds', 'recorded', _COST, 'hours']
    return (
        f'{markdown_table(head, lines)}\n\nHours at {table.rate:g} clips a second, also of what is '
        'recorded. Clips are those that the publishers have in training.'
    )
