"""What docs/deploy.md says of recognising runs as it stands there."""

import re
import runpy
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from partkd.poses import POSE_ESTIMATORS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / 'docs' / 'deploy.md').read_text()


def section(title: str, language: str) -> str:
    (text,) = re.findall(rf'\n## {title}\n(.*?)(?=\n## )', PAGE, re.S)
    return re.search(rf'```{language}\n(.*?)```', text, re.S)[1]


@pytest.fixture(autouse=True)
def folder(student, reference, monkeypatch, tmp_path) -> Path:
    """Where the page's names are."""
    shutil.copy(student.exported, tmp_path / 'student.onnx')
    shutil.copy(reference.config.parent / 'low.pkl', tmp_path / 'clips.pkl')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_commands(folder, monkeypatch):
    for command in section('Recognise', 'bash').splitlines():
        monkeypatch.setattr(sys, 'argv', shlex.split(command)[1:])
        with pytest.raises(SystemExit, match='0'):
            runpy.run_path(str(ROOT / sys.argv[0]), run_name='__main__')
    assert {'predictions.csv', 'predictions.json', 'pictures', 'timeline'} <= {
        one.name for one in folder.iterdir()
    }


def test_python(capsys):
    exec(section('Recognise', 'python'), {})
    assert len(capsys.readouterr().out.strip().splitlines()[-3:]) == 3
    names = {}
    exec(section('While it happens', 'python'), names)
    assert names['scores'][0].sum() == pytest.approx(1, abs=1e-5)


def test_the_demo_is_a_tool_with_these_options():
    (command,) = re.findall(r'`(python tools/demo.py [^`]*)`', PAGE)
    assert shlex.split(command)[1:3] == ['tools/demo.py', 'student.onnx']
    assert '--part-matrix' in (ROOT / 'tools' / 'demo.py').read_text()
    assert 'blazepose' in POSE_ESTIMATORS.module_dict
