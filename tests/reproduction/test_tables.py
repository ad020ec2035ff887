"""The tables of the paper as data."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from partkd.reproduction import Table, make_figure, make_plan, read_table, report
from partkd.reproduction.tables import COMMON

ROOT = Path(__file__).resolve().parents[2]
NUMBERS = range(1, 6)
SECTIONS = re.split(r'\*\*Table \d', (ROOT / 'docs' / 'method.md').read_text())[1:]


def stated(number: int) -> list[list[float]]:
    """The paper's figures as docs/method.md has them, line by line."""
    lines = [line for line in SECTIONS[number - 1].splitlines() if line.startswith('| ')]
    figures = [[float(text) for text in re.findall(r'\d+\.\d\d', line)] for line in lines]
    return [line for line in figures if line]


def columns(table: Table) -> list[list[float]]:
    """Figures of each column of each data set, from the first row to the last."""
    return [
        [row.paper[column] for row in table.rows if row.data == name and row.paper]
        for name, data in table.data_sets.items()
        for column in data.columns
    ]


@pytest.mark.parametrize('number', NUMBERS)
def test_figures_are_those_of_the_paper(number):
    table = read_table(f'table{number}')
    ours = Counter(figure for row in table.rows for figure in row.paper.values())
    assert ours == Counter(figure for line in stated(number) for figure in line)
    assert table.source == f'Table {number}'


@pytest.mark.parametrize('number', [1, 2])
def test_figures_are_in_their_places(number):
    assert columns(read_table(f'table{number}')) == stated(number)


@pytest.mark.parametrize(('number', 'group'), [(4, 1), (5, 4)])
def test_rows_have_their_figures(number, group):
    rows = [list(row.paper.values()) for row in read_table(f'table{number}').rows if row.paper]
    groups = [sum(rows[start : start + group], []) for start in range(0, len(rows), group)]
    assert groups == stated(number)


@pytest.mark.parametrize('name', ['pairs', 'backbones', 'partial_pairs'])
def test_small_tables_have_no_figures_of_a_paper(name):
    table = read_table(f'small/{name}')
    assert not table.paper and not any(row.paper for row in table.rows)
    plan = make_plan(table, table.rows)
    page = report(table, plan, [make_figure(table, cell, {}) for cell in plan.cells])
    assert 'difference' not in page and 'Paper' not in page
    for row in table.rows:
        assert f'| {row.name} | ' in page


def test_names_that_are_not_there():
    with pytest.raises(FileNotFoundError, match='no table tabel1: did you mean table1.; there are'):
        read_table('tabel1')
    table = read_table('table1')
    with pytest.raises(ValueError, match='row of table1 named ntu60-kd-op5: did you mean ntu60-kd'):
        table.select(['ntu60-kd-op0', 'ntu60-kd-op5'])
    assert [row.name for row in table.select(['sysu-teacher', 'penn-teacher'])] == [
        'penn-teacher',
        'sysu-teacher',
    ]
    assert table.select(None) == table.select([]) == table.rows


@pytest.fixture
def write(tmp_path):
    """Writes a table of one's own, with changes at dotted places, and returns its file."""
    folder = ROOT / 'configs' / 'partkd' / 'tables'
    contents = {
        name: yaml.safe_load((folder / name).read_text()) for name in ('table4.yml', COMMON)
    }

    def run(file: str, place: str, value: object) -> Path:
        *parents, last = place.split('.')
        content = contents[file]
        for key in parents:
            content = content[int(key) if key.isdigit() else key]
        content[last] = value
        for name, one in contents.items():
            (tmp_path / name).write_text(yaml.safe_dump(one))
        return tmp_path / 'table4.yml'

    return run


ROW = dict(model='with KD', paper=dict(CS=1.0))
GROUP = 'groups.0'


@pytest.mark.parametrize(
    ('file', 'place', 'value', 'message'),
    [
        ('table4.yml', f'{GROUP}.data', 'ntu6', 'no data set, of row .*, named ntu6: did you mean'),
        ('table4.yml', f'{GROUP}.teacher', 'kinect', 'no skeletons of ntu60, .*mean kinect_v2'),
        ('table4.yml', f'{GROUP}.backbone', 'gcn', 'no backbone, of row .*mean agcn'),
        ('table4.yml', f'{GROUP}.paired', 80, r'paired=80: it is a number in \[0, 1\]'),
        ('table4.yml', f'{GROUP}.rows', dict(a=dict(ROW, model='KD')), 'no model, of row a, named'),
        ('table4.yml', f'{GROUP}.rows', dict(a=dict(ROW, condition='OP')), 'no condition, of row'),
        ('table4.yml', f'{GROUP}.rows', dict(a=dict(ROW, paper=dict(C=1))), 'no column of ntu60'),
        ('table4.yml', f'{GROUP}.rows', dict(a=dict(ROW, paper='x')), "paper='x': it is"),
        ('table4.yml', f'{GROUP}.rows', dict(a=dict(ROW, extra=1)), "unexpected .*'extra'"),
        ('table4.yml', f'{GROUP}.rows', [1], 'table4.yml, with common.yml beside it: '),
        ('table4.yml', 'groups', 'text', "groups='text': it is"),
        ('table4.yml', 'row', [], r"has \['row'\]; a table has"),
        (COMMON, 'rate', 0, 'rate=0: it is a number above 0'),
        (COMMON, 'students', [], 'students=.*it is'),
        (COMMON, 'data_sets.ntu60.columns.CS.clips', 'x', "clips='x': it is an integer"),
        (COMMON, 'data_sets.ntu60.skeletons.kinect_v2.convert', '{kinct_v2}', 'mean kinect_v2'),
        (COMMON, 'data_sets.ntu60.skeletons.kinect_v2.file', 5, 'file=5: it is a text'),
        (COMMON, 'data_sets.ntu60.seeds', [-1], 'seeds='),
    ],
)
def test_a_table_of_another_form(file, place, value, message, write):
    with pytest.raises(ValueError, match=message):
        read_table(write(file, place, value))


def test_a_row_stands_there_once(write):
    file = write('table4.yml', 'notes', [])
    content = yaml.safe_load(file.read_text())
    content['groups'] *= 2
    file.write_text(yaml.safe_dump(content))
    with pytest.raises(ValueError, match=r"rows \['ntu60-global-msc', .*stand there twice"):
        read_table(file)
    del content['groups']
    file.write_text(yaml.safe_dump(content))
    with pytest.raises(ValueError, match="beside it have no 'groups'"):
        read_table(file)
    (file.parent / COMMON).unlink()
    with pytest.raises(FileNotFoundError, match=r'no file that tables share .*common.yml'):
        read_table(file)
