"""A wheel carries what is needed far from the checkout: built, installed and used in one folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ['setup.py', 'pyproject.toml', 'MANIFEST.in', 'README.md', 'LICENSE', 'model-index.yml']
PIP = ('-m', 'pip', '--quiet', '--disable-pip-version-check')

# The demo with its teacher, an epoch each, by the tools and configs of the wheel alone.
DEMO = """
import runpy, shutil, sys
from pathlib import Path
import partkd

mim = Path(partkd.__file__).parent / '.mim'
assert mim.is_relative_to(sys.argv[1]), mim
shorter = ['--cfg-options', 'train_cfg.max_epochs=1', 'train_dataloader.batch_size=8']
shorter += ['default_hooks.checkpoint.interval=1']

def run(tool, *arguments):
    sys.argv = [tool, *arguments]
    runpy.run_path(str(mim / 'tools' / tool), run_name='__main__')

demo, teacher = (str(mim / 'configs' / 'partkd' / name) for name in ('demo.py', 'demo_teacher.py'))
work = Path('work_dirs/demo')
run('data/make_synthetic.py', 'data/demo', '--num-subjects=2', '--repeats=1')
run('train.py', teacher, f'--work-dir={work}/teacher', '--no-validate', *shorter)
shutil.move(work / 'teacher' / 'epoch_1.pth', work / 'teacher' / 'epoch_24.pth')
run('build_part_matrix.py', demo)
run('train.py', demo, '--no-validate', *shorter)
"""
# A config of the user's own, which inherits from one of the wheel by its name.
OWN = """
_base_ = 'partkd::partkd/demo.py'
train_cfg = dict(max_epochs=7)
"""
READ = """
from pathlib import Path
import partkd
from mmengine import Config
from mmengine.hub import get_config
from partkd.reproduction import read_table

demo = Path(partkd.__file__).parent / '.mim' / 'configs' / 'partkd' / 'demo.py'
expected = Config.fromfile(demo)
assert get_config('partkd::partkd/demo.py').to_dict() == expected.to_dict()
own = Config.fromfile('own.py')
assert own.model.teacher == expected.model.teacher
assert Path(own.model.teacher.teacher.config) == demo.with_name('demo_teacher.py')
assert own.train_cfg.max_epochs == 7
assert read_table('table1').file == demo.parent / 'tables' / 'table1.yml'
"""


@pytest.fixture(scope='module')
def installed(tmp_path_factory) -> Path:
    """Folder with what pip installs of a wheel, which was made of an sdist, offline."""
    folder = tmp_path_factory.mktemp('wheel')
    source = folder / 'source'
    source.mkdir()
    for name in SOURCES:
        shutil.copy(ROOT / name, source)
    for name in ('configs', 'tools', 'projects'):
        skipped = shutil.ignore_patterns('__pycache__', '*.egg-info')
        shutil.copytree(ROOT / name, source / name, ignore=skipped)
    python('setup.py', '-q', 'sdist', '--dist-dir', folder / 'dist', cwd=source)
    offline = ('--no-deps', '--no-index')
    (sdist,) = (folder / 'dist').iterdir()
    python(*PIP, 'wheel', *offline, '--no-build-isolation', '-w', folder, sdist, cwd=folder)
    (wheel,) = folder.glob('*.whl')
    python(*PIP, 'install', *offline, '--target', folder / 'installed', wheel, cwd=folder)
    return folder / 'installed'


def python(*arguments: object, cwd: Path, **variables: str) -> None:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, 'OMP_NUM_THREADS': '1', **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f'{arguments}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}'


def contents(folder: Path) -> dict[Path, bytes]:
    """Files below a folder, but for what Python makes."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob('*')
        if path.is_file() and path.suffix != '.pyc'
    }


def test_configs_and_tools_are_in_the_wheel_as_they_are_named(installed):
    mim = installed / 'partkd' / '.mim'
    assert contents(mim / 'configs') == contents(ROOT / 'configs')
    tools = contents(ROOT / 'tools')
    assert contents(mim / 'tools') == {
        path: content for path, content in tools.items() if path.parts[0] != 'benchmark'
    }
    for name in ('model-index.yml', 'projects/partkd/metafile.yml'):
        assert (mim / name).read_bytes() == (ROOT / name).read_bytes()


def test_the_wheel_is_the_package_alone_and_typed(installed):
    assert (installed / 'partkd' / 'py.typed').exists()
    folders = {path.name for path in installed.iterdir() if path.suffix != '.dist-info'}
    assert folders == {'partkd'}


def test_the_demo_runs_from_an_empty_folder(installed, tmp_path):
    (tmp_path / 'demo.py').write_text(DEMO)
    python('demo.py', installed, cwd=tmp_path, PYTHONPATH=str(installed))
    assert (tmp_path / 'work_dirs' / 'demo' / 'epoch_1.pth').exists()


def test_a_config_inherits_from_the_wheel_by_name(installed, tmp_path):
    (tmp_path / 'own.py').write_text(OWN)
    (tmp_path / 'read.py').write_text(READ)
    python('read.py', cwd=tmp_path, PYTHONPATH=str(installed))
