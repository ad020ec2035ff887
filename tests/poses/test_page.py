"""Every command of docs/videos.md runs, with an estimator that finds a square for BlazePose."""

import re
import runpy
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from partkd.poses import POSE_ESTIMATORS

from .conftest import BODY

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / 'docs' / 'videos.md').read_text()
CLASSES = 20


def run(monkeypatch, command: str) -> None:
    monkeypatch.setattr(sys, 'argv', shlex.split(command)[1:])
    runpy.run_path(str(ROOT / sys.argv[0]), run_name='__main__')


@pytest.fixture
def folder(draw, tmp_path, square, monkeypatch) -> Path:
    """Where the commands are called: videos of three people, and configs of one epoch."""
    rows = ['file,label,subject']
    for action in range(CLASSES):
        for subject in (1, 3, 9):
            draw(f'a{action:02}_s{subject}.mp4', frames=3 + action % 4)
            rows.append(f'a{action:02}_s{subject}.mp4,action {action:02},{subject}')
    (tmp_path / 'videos' / 'labels.csv').write_text('\n'.join(rows))
    shutil.copytree(ROOT / 'configs', tmp_path / 'configs')
    with (tmp_path / 'configs/partkd/stgcn_videos_teacher.py').open('a') as config:
        config.write('train_cfg = dict(max_epochs=1)\n')
    monkeypatch.setattr(square, 'layout', 'blazepose')
    monkeypatch.setattr(square, 'joints', BODY)
    monkeypatch.setitem(POSE_ESTIMATORS.module_dict, 'blazepose', square)
    monkeypatch.setattr('partkd.experiments.chain.draw_pair', lambda *args, **kwargs: None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_commands_run(folder, monkeypatch, capsys):
    block, _ = re.findall(r'```bash\n(.*?)```', PAGE, re.S)  # the second: tests/pose
    install, extract, distill, export, predict, demo = block.splitlines()
    assert install == 'pip install -e ".[blazepose,export]"'
    assert "'blazepose': ['mediapipe==" in (ROOT / 'setup.py').read_text()
    with pytest.raises(SystemExit, match='0'):
        run(monkeypatch, f'{extract} --processes 1')
    assert 'split xsub_val: 20' in capsys.readouterr().out
    run(monkeypatch, distill)
    report = (folder / 'work_dirs/stgcn_videos_student/results.md').read_text()
    assert 'Not complete' not in report and 'tools/export.py' in report
    (checkpoint,) = re.findall(r'python tools/export.py \S+ (\S+) student.onnx', report)
    run(monkeypatch, export.replace('CHECKPOINT', checkpoint))
    with pytest.raises(SystemExit, match='0'):
        run(monkeypatch, predict)
    rows = (folder / 'predictions.csv').read_text().splitlines()
    assert len(rows) == 61 and all('action' in row for row in rows[1:])
    run(monkeypatch, demo.replace('a05_s09_e01', 'a05_s9').replace('--window 24', '--window 9'))
    assert (folder / 'film.mp4').stat().st_size and (folder / 'film.csv').is_file()
    (one,) = re.findall(r'`(python tools/extract_poses.py [^`]*)`', PAGE)
    with pytest.raises(SystemExit, match='a00_s1.mp4 lies in no folder below videos'):
        run(monkeypatch, f'{one} --processes 1')
    for file in (folder / 'videos').glob('*.mp4'):
        (folder / 'videos' / file.stem[:3]).mkdir(exist_ok=True)
        file.rename(folder / 'videos' / file.stem[:3] / file.name)
    with pytest.raises(SystemExit, match='0'):
        run(monkeypatch, f'{one} --processes 1')
    assert '20 of 20 classes' in capsys.readouterr().out


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


def test_a_model_may_be_named_by_options(monkeypatch, capsys):
    """``--config`` and ``--checkpoint`` are settings of the one estimator."""
    options = '--config x.py --checkpoint x.pth'
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, f'python tools/extract_poses.py videos o.pkl --estimator square {options}')
    assert "unexpected keyword argument 'config'" in str(ended.value)
    with pytest.raises(SystemExit):
        run(
            monkeypatch, f'python tools/extract_poses.py v out --high square --low square {options}'
        )
    assert 'are of --estimator' in capsys.readouterr().err
