"""Nothing malformed passes in silence, ends in a raw traceback, hangs or fills the memory."""

from collections import Counter
from pathlib import Path

import pytest

from . import KINDS
from .judging import FAULTS, judge

# What is left: by kind and name, with the reason.
LEFT: dict[tuple[str, str], str] = {}


@pytest.fixture(scope='session')
def figures():
    """Counts outcomes by kind, and prints them in the end."""
    table: dict[str, Counter] = {}
    yield table
    columns = ('named', 'harmless', *FAULTS)
    total = sum(table.values(), Counter())
    print('\n\n' + f'{"kind":<28}' + ''.join(f'{name:>17}' for name in columns))
    for kind, counts in [*table.items(), ('all', total)]:
        print(f'{kind:<28}' + ''.join(f'{counts[name]:>17}' for name in columns))


@pytest.mark.parametrize('kind', KINDS)
def test_nothing_malformed_passes(kind: str, tmp_path: Path, figures):
    figures[kind] = Counter()
    (tmp_path / 'base').mkdir()
    faults = []
    for number, one in enumerate(KINDS[kind](tmp_path / 'base')):
        folder = tmp_path / str(number)
        folder.mkdir()
        outcome = judge(one, folder)
        figures[kind][outcome.kind] += 1
        if outcome.kind in FAULTS and (kind, one.name) not in LEFT:
            faults.append(f'{kind}: {one.name}: {outcome.kind}: {outcome.text}')
    assert not faults, '\n'.join(faults)


def test_hardly_anything_is_left(tmp_path: Path):
    inputs = 0
    for number, kind in enumerate(KINDS.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        names = [one.name for one in kind(folder)]
        assert len(names) == len(set(names))
        inputs += len(names)
    assert inputs > 1000
    assert len(LEFT) < 0.01 * inputs
