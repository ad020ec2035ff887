import sys

import pytest

from partkd_benchmarks import SideBySide
from partkd_benchmarks.arguments import main


def measure(size: int = 3, amp: bool = False) -> list[SideBySide]:
    """Measures nothing."""
    seconds = dict(old=[2.0], new=[float(size)])
    return [SideBySide('bfloat16' if amp else 'float32', 'clips', seconds, {})] * 2


@pytest.fixture
def run(monkeypatch, capsys):
    def run(benchmark, *arguments: str) -> str:
        monkeypatch.setattr(sys, 'argv', ['tool.py', *arguments])
        main(benchmark)
        return capsys.readouterr().out

    return run


def test_arguments_are_those_of_the_benchmark(run, tmp_path):
    assert '## float32' in run(measure) and '| new | 3 s |' in run(measure)
    out = tmp_path / 'folder' / 'report.md'
    printed = run(measure, '--size', '4', '--amp', '--out', str(out))
    assert printed.count('## bfloat16') == 2 and printed.count('| new | 4 s |') == 2
    assert out.read_text().strip() == printed.strip()


def test_one_comparison_is_reported_too(run):
    assert run(lambda: measure()[0]).count('##') == 1


def test_help_is_the_docstring(run, capsys):
    with pytest.raises(SystemExit, match='0'):
        run(measure, '--help')
    assert 'Measures nothing.' in capsys.readouterr().out
