"""Every command of docs/videos.md is one that the tool understands."""

import re
import runpy
import shlex
import sys
from pathlib import Path

import pytest

from partkd import apis
from partkd.poses import POSE_ESTIMATORS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / 'docs' / 'videos.md').read_text()


def test_commands_are_understood(monkeypatch):
    (block,) = re.findall(r'```bash\n(.*?)```', PAGE, re.S)
    install, *commands = block.splitlines()
    assert install == 'pip install -e ".[blazepose]"'
    assert "'blazepose': ['mediapipe==" in (ROOT / 'setup.py').read_text()
    asked = []

    def extract(videos, out, estimators, **options):
        asked.append((videos, out, estimators, options))
        return {}

    monkeypatch.setattr(apis, 'extract_poses', extract)
    for command in commands:
        monkeypatch.setattr(sys, 'argv', shlex.split(command)[1:])
        with pytest.raises(SystemExit, match='0'):
            runpy.run_path(str(ROOT / sys.argv[0]), run_name='__main__')
    (_, _, both, first), (_, out, one, second) = asked
    assert both == dict(high=dict(type='blazepose'), low=dict(type='blazepose', size=112))
    assert first['labels'] == 'videos/labels.csv' and first['test_subjects'] == ['9']
    assert one == dict(one=dict(type='blazepose')) and out.endswith('all.pkl')
    assert second['labels'] == 'folders'


@pytest.mark.parametrize(
    'arguments', [[], ['--high', 'blazepose'], ['--estimator', 'blazepose', '--low', 'blazepose']]
)
def test_one_estimator_or_both(arguments, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['extract_poses.py', 'videos', 'out', *arguments])
    with pytest.raises(SystemExit, match='2'):
        runpy.run_path(str(ROOT / 'tools' / 'extract_poses.py'), run_name='__main__')
    assert '--estimator, or both --high and --low' in capsys.readouterr().err


def test_estimators_of_the_page_are_those_that_there_are():
    section = PAGE.split('## Estimators')[1]
    named = re.findall(r'^\| `(\w+)` \|', section, re.M)
    assert set(named) == set(POSE_ESTIMATORS.module_dict) - {'square'}
