"""Rooms import only what docs/design.md says they may."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / 'projects' / 'partkd'


def read_table() -> dict[str, set[str]]:
    """Rooms in the order of the table, with the rooms that each may import."""
    rows = re.findall(
        r'^\| `(\w+)` \| .* \| ([\w, ]+) \|$', (ROOT / 'docs' / 'design.md').read_text(), re.M
    )
    return {room: set(may.split(', ')) - {'nothing'} for room, may in rows}


ROOMS = read_table()


def imported_modules(file: Path) -> set[tuple[str, ...]]:
    """What a module imports of the package, by full name or by dots, without ``partkd``."""
    package = file.relative_to(PACKAGE.parent).parts[:-1]
    names = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            names.add('.'.join([*base, *([node.module] if node.module else [])]))
    parts = [name.split('.') for name in names]
    return {tuple(part[1:]) for part in parts if part[0] == 'partkd' and len(part) > 1}


def test_the_table_names_all_rooms():
    there = {
        path.stem for path in PACKAGE.iterdir() if path.suffix == '.py' or any(path.rglob('*.py'))
    }
    assert set(ROOMS) == there - {'__init__'}


def test_a_room_comes_after_those_that_it_may_import():
    above = set()
    for room, may in ROOMS.items():
        assert may <= above, f'{room} may import {may - above}, which come later'
        above.add(room)


@pytest.mark.parametrize('room', ROOMS)
def test_a_room_imports_what_it_may_and_no_more(room):
    path = PACKAGE / room
    files = path.rglob('*.py') if path.is_dir() else [path.with_suffix('.py')]
    imported = {file: {module[0] for module in imported_modules(file)} - {room} for file in files}
    wrong = {
        str(file.relative_to(PACKAGE)): rooms - ROOMS[room] for file, rooms in imported.items()
    }
    assert not {file: rooms for file, rooms in wrong.items() if rooms}
    assert ROOMS[room] <= set.union(*imported.values()), 'the table allows more than is needed'


def test_a_room_is_entered_by_its_door():
    """The modules of `engine` are for rooms, its package for configs."""
    inner = {
        (room, module)
        for room in ROOMS
        for file in (PACKAGE / room).rglob('*.py')
        for module in imported_modules(file)
        if len(module) > 1 and module[0] not in (room, 'engine')
    }
    assert not inner


def test_files_that_the_page_names_are_there():
    page = (ROOT / 'docs' / 'design.md').read_text()
    named = set(re.findall(r'`([\w./]+/[\w.]*)`', page))
    assert len(named) > 30
    places = ROOT, PACKAGE
    assert not {name for name in named if not any((place / name).exists() for place in places)}
