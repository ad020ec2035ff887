"""A table of the paper as data: what its rows ask for, and what the paper has."""

import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import partkd
from partkd.arguments import Fraction, Positive, Seed, Whole, require, require_fields
from partkd.configuration import nearest, read_yaml
from partkd.evaluation import METRIC, TEACHER

T = TypeVar('T')

COMMON = 'common.yml'
_TABLE = ('title', 'source', 'groups', 'students', 'notes')
_COMMON = ('paper', 'rate', 'conditions', 'students', 'backbones', 'data_sets')
_PACKAGE = Path(partkd.__file__).parent
# Of a checkout, and of a wheel.
_FOLDERS = tuple(
    root / 'configs' / 'partkd' / 'tables' for root in (_PACKAGE.parents[1], _PACKAGE / '.mim')
)


@dataclass(frozen=True)
class Skeletons:
    """The clips of a data set as one sensor or estimator sees them.

    Args:
        name (str): What the paper calls it.
        config (str): A plain recogniser of these, from the table's folder on; of it come the
            layout, the pipeline, the network and the schedule.
        file (str): The annotation file, from the folder of all data on.
        convert (str): Arguments of ``tools/data/convert.py`` that make it. A key of the data set's
            skeletons in braces stands for their file; those that it is made of come before it.
    """

    name: str
    config: str
    file: str
    convert: str

    @property
    def made_of(self) -> set[str]:
        """Keys of the skeletons whose files it is made of, and its own."""
        return {key for _, key, _, _ in string.Formatter().parse(self.convert) if key}


@dataclass(frozen=True)
class Backbone:
    """A network that takes the place of that of the skeletons' configs, on both sides.

    Args:
        name (str): What the paper calls it.
        config (str): A base config of a model, from the table's folder on.
        streams (Sequence[str]): What it sees, see :class:`SkeletonStreams`, without scores.
            Defaults to none: what the skeletons' configs have.
    """

    name: str
    config: str
    streams: Sequence[str] = ()


@dataclass(frozen=True)
class Column:
    """What a column of figures is of.

    Args:
        train (str): The split that is trained on; with several splits ``{:02d}`` stands for the
            number.
        test (str): The split that is tested.
        clips (int): How many clips are trained on, for the cost.
        splits (int): How many splits there are, numbered from 1 on. Defaults to 1.
        metric (str): Which figure of the evaluator. Defaults to top-1.
    """

    train: str
    test: str
    clips: Whole
    splits: Whole = 1
    metric: str = METRIC


@dataclass(frozen=True)
class DataSet:
    """A data set of the paper.

    Args:
        name (str): What the paper calls it.
        seeds (Sequence[int]): Under which a figure is had.
        columns (Mapping[str, Column]): By the paper's heads.
        skeletons (Mapping[str, Skeletons]): By the name that tables give.
        notes (Sequence[str]): What a reader has to know. Defaults to none.
    """

    name: str
    seeds: Sequence[Seed]
    columns: Mapping[str, Column]
    skeletons: Mapping[str, Skeletons]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Args:
        name (str): What it is asked for by.
        data (str): Its data set.
        teacher (str): The teacher's skeletons.
        student (str): The student's skeletons.
        paper (Mapping[str, float]): The paper's figures in percent, by column. Defaults to none.
        model (str, optional): ``'teacher'`` or a student's name. Defaults to None: nothing is run,
            the row has the paper's figures alone.
        condition (str): Under which the student is trained and tested. Defaults to ``'OP 0'``.
        method (str): What a row without a model is of. Defaults to ''.
        backbone (str): A network that takes the place of the configs' own. Defaults to '', none.
        paired (float): Share of the training clips that are pairs, the only ones that the teacher
            is trained on. Defaults to 1.
    """

    name: str
    data: str
    teacher: str
    student: str
    paper: Mapping[str, float] = field(default_factory=dict)
    model: str | None = None
    condition: str = 'OP 0'
    method: str = ''
    backbone: str = ''
    paired: Fraction = 1.0


@dataclass(frozen=True)
class Table:
    """A table of the paper.

    Args:
        file (Path): Where it is from; its configs are found from there on.
        title (str): Its title.
        source (str): Which of the paper's tables it is.
        paper (str): Which paper; '' where no row has a figure of one.
        rate (float): Clips a second that a training takes, for the cost.
        rows (Sequence[Row]): Its rows, in order.
        students (Mapping[str, dict]): As ``distill.students`` of a recipe has them.
        conditions (Mapping[str, dict]): As ``distill.conditions`` has them.
        backbones (Mapping[str, Backbone]): By the name that rows give.
        data_sets (Mapping[str, DataSet]): By the name that rows give.
        notes (Sequence[str]): What a reader has to know. Defaults to none.
    """

    file: Path
    title: str
    source: str
    paper: str
    rate: Positive
    rows: Sequence[Row]
    students: Mapping[str, dict]
    conditions: Mapping[str, dict]
    backbones: Mapping[str, Backbone]
    data_sets: Mapping[str, DataSet]
    notes: Sequence[str] = ()

    def select(self, names: Sequence[str] | None) -> list[Row]:
        """The rows that are asked for.

        Args:
            names (Sequence[str] | None): Their names; None or none for all.

        Returns:
            list[Row]: In the table's order.

        Raises:
            ValueError: If a row is not there, with the nearest that is.
        """
        known = [row.name for row in self.rows]
        for name in names or ():
            _require_known(name, known, f'row of {self.file.stem}')
        return [row for row in self.rows if not names or row.name in names]


def read_table(table: str | Path) -> Table:
    """Read a table. Nothing in it is run.

    Args:
        table (str | Path): Its name, such as ``'table1'`` or ``'small/pairs'``, or a file of the
            same form with a ``common.yml`` beside it.

    Returns:
        Table: What it asks for.

    Raises:
        FileNotFoundError: If there is no such table, with the nearest that there is.
        ValueError: If it is of another form, or a row asks for what is not there.
    """
    file = _find(table)
    own = _mapping(file, 'table', _TABLE)
    common = _mapping(file.parent / COMMON, 'file that tables share', _COMMON)
    try:
        made = Table(
            file=file,
            title=own.get('title', file.stem),
            source=own.get('source', file.stem),
            paper=common.get('paper', ''),
            rate=common['rate'],
            rows=_rows(own['groups']),
            students=own.get('students') or common['students'],
            conditions=common['conditions'],
            backbones=_all_of(Backbone, common['backbones']),
            data_sets={name: _data_set(it) for name, it in common['data_sets'].items()},
            notes=own.get('notes') or [],
        )
        require_fields(made)
        _check(made)
    except KeyError as error:
        raise ValueError(f'{file} and {COMMON} beside it have no {error}') from error
    except (TypeError, AttributeError, ValueError) as error:
        raise ValueError(f'{file}, with {COMMON} beside it: {error}') from error
    return made


def _find(table: str | Path) -> Path:
    if Path(table).is_file():
        return Path(table)
    known = {
        file.relative_to(folder).with_suffix('').as_posix(): file
        for folder in _FOLDERS
        for file in folder.rglob('*.yml')
        if file.name != COMMON
    }
    if str(table) in known:
        return known[str(table)]
    raise FileNotFoundError(
        f'there is no table {table}{nearest(str(table), known)}; there are '
        f'{", ".join(sorted(known))}'
    )


def _mapping(file: Path, what: str, keys: tuple[str, ...]) -> dict[str, Any]:
    content = read_yaml(file, what)
    require(content, dict[str, Any], f'{file}')
    if unknown := sorted(content.keys() - set(keys)):
        raise ValueError(f'{file} has {unknown}; a {what} has {list(keys)}')
    return content


def _rows(groups: Sequence[dict]) -> list[Row]:
    """Rows, which have what their group has and they do not say themselves."""
    require(groups, Sequence[dict], 'groups')
    rows = []
    for group in groups:
        common = {key: value for key, value in group.items() if key != 'rows'}
        for name, own in group['rows'].items():
            row = Row(name=name, **common | own)
            require_fields(row)
            rows.append(row)
    return rows


def _data_set(content: dict) -> DataSet:
    columns = _all_of(Column, content['columns'])
    skeletons = _all_of(Skeletons, content['skeletons'])
    data = DataSet(**content | dict(columns=columns, skeletons=skeletons))
    require_fields(data)
    return data


def _all_of(kind: type[T], content: dict[str, dict]) -> dict[str, T]:
    made = {name: kind(**one) for name, one in content.items()}
    for one in made.values():
        require_fields(one)
    return made


def _check(table: Table) -> None:
    """Refuse rows that ask for what is not there."""
    names = [row.name for row in table.rows]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f'rows {twice} stand there twice')
    for data_name, data in table.data_sets.items():
        for skeletons in data.skeletons.values():
            for key in skeletons.made_of:
                _require_known(key, data.skeletons, f'skeletons of {data_name}, to convert,')
    for row in table.rows:
        _require_known(row.data, table.data_sets, f'data set, of row {row.name},')
        data = table.data_sets[row.data]
        for side in (row.teacher, row.student):
            _require_known(side, data.skeletons, f'skeletons of {row.data}, of row {row.name},')
        for column in row.paper:
            _require_known(column, data.columns, f'column of {row.data}, of row {row.name},')
        if row.backbone:
            _require_known(row.backbone, table.backbones, f'backbone, of row {row.name},')
        _require_known(row.condition, table.conditions, f'condition, of row {row.name},')
        if row.model is not None:
            models = [TEACHER, *table.students]
            _require_known(row.model, models, f'model, of row {row.name},')


def _require_known(name: str, known: Iterable[str], what: str) -> None:
    if name not in known:
        raise ValueError(
            f'there is no {what} named {name}{nearest(name, known)}; there are {", ".join(known)}'
        )
