import os
import re
import runpy
import shutil
import stat
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
import setuptools
from packaging.requirements import Requirement

import partkd

ROOT = Path(__file__).resolve().parents[1]
STEPS = ['lint', 'demo', 'test', 'test-benchmarks', 'test-onedl']  # of CI
needs_make = pytest.mark.skipif(not shutil.which('make'), reason='make is not installed')


@pytest.fixture
def setup_arguments(monkeypatch) -> dict:
    """What ``setup.py`` hands to setuptools."""
    arguments = {}
    monkeypatch.setattr(setuptools, 'setup', arguments.update)
    monkeypatch.chdir(ROOT)
    runpy.run_path('setup.py')
    return arguments


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the Makefile reads."""
    names = ('core', 'tests', 'onedl', 'pose', 'openmmlab')
    lists = [f'requirements/{name}.txt' for name in names]
    for name in ('Makefile', 'setup.py', *lists):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def read_pins(name: str) -> dict[str, Requirement]:
    lines = (ROOT / 'requirements' / name).read_text().splitlines()
    pins = [Requirement(line.split('#')[0]) for line in lines if line.split('#')[0].strip()]
    return {pin.name: pin for pin in pins if pin.marker is None or pin.marker.evaluate()}


def run_make(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {name: os.environ[name] for name in ('PATH', 'HOME') if name in os.environ}
    return subprocess.run(
        ['make', *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )


def touch_stamps(folder: Path, plan: str) -> None:
    """Creates the stamps that the commands of ``make -n`` would have created."""
    for stamp in re.findall(r'^touch (\S+)$', plan, re.MULTILINE):
        (folder / stamp).parent.mkdir(exist_ok=True)
        (folder / stamp).touch()


# ---------------------------------------------------------------- setup.py and the pins


def test_the_pins_are_within_the_bounds_of_setup(setup_arguments):
    pins = read_pins('core.txt')
    bounds = [Requirement(text) for text in setup_arguments['install_requires']]
    assert {'torch', 'numpy', 'mmengine', 'mmaction2'} <= {bound.name for bound in bounds}
    for bound in bounds:
        for pin in pins[bound.name].specifier if bound.name in pins else ():
            assert bound.specifier.contains(pin.version), f'{bound} against {pins[bound.name]}'
        assert bound.specifier.contains(version(bound.name), prereleases=True), str(bound)


def test_the_packages_that_tests_need_are_pinned(setup_arguments):
    pins = read_pins('tests.txt')
    needed = [Requirement(text) for text in setup_arguments['extras_require']['tests']]
    assert {bound.name for bound in needed} == set(pins)
    assert all(str(pin.specifier).startswith('==') for pin in pins.values())
    for bound in needed:
        assert bound.specifier.contains(version(bound.name)), str(bound)


def test_the_fork_of_mmengine_is_pinned_and_fits(setup_arguments):
    (fork,) = read_pins('onedl.txt').values()
    (pin,) = fork.specifier
    assert pin.operator == '=='
    (bound,) = (
        bound
        for bound in map(Requirement, setup_arguments['install_requires'])
        if bound.name == 'mmengine'
    )
    assert bound.specifier.contains(pin.version)


def test_the_version_is_that_of_the_package(setup_arguments):
    assert setup_arguments['version'] == partkd.__version__
    assert re.fullmatch(r'\d+\.\d+\.\d+', partkd.__version__)


def test_every_module_is_packaged(setup_arguments):
    packages = set(setup_arguments['packages'])
    projects = ROOT / setup_arguments['package_dir']['']
    for module in (projects / 'partkd').rglob('*.py'):
        assert '.'.join(module.parent.relative_to(projects).parts) in packages, str(module)
    assert all(package.split('.')[0] == 'partkd' for package in packages)


# ---------------------------------------------------------------- Makefile


@needs_make
@pytest.mark.parametrize(
    'target', ['demo', 'test', 'test-benchmarks', 'test-onedl', 'test-pose', 'lint']
)
def test_the_first_run_installs_and_the_second_does_not(checkout, target: str):
    first = run_make(checkout, '-n', target).stdout
    assert 'pip install' in first
    touch_stamps(checkout, first)
    second = run_make(checkout, '-n', target)
    assert second.returncode == 0
    assert 'pip install' not in second.stdout
    assert re.search(r'\.venv(-pose)?/bin/', second.stdout)


@needs_make
@pytest.mark.parametrize(
    'changed, installed',
    [
        ('requirements/tests.txt', ['tests.txt']),
        ('requirements/onedl.txt', []),
        ('requirements/core.txt', ['core.txt', 'tests.txt']),
        ('setup.py', ['core.txt', 'tests.txt']),
    ],
)
def test_a_changed_requirement_is_installed(checkout, changed: str, installed: list):
    touch_stamps(checkout, run_make(checkout, '-n', 'test').stdout)
    with (checkout / changed).open('a') as file:
        file.write('# another line\n')
    plan = run_make(checkout, '-n', 'test').stdout
    assert re.findall(r'-r requirements/(\S+)', plan) == installed


@needs_make
def test_the_fork_of_mmengine_is_seen_by_its_own_tests_alone(checkout):
    plan = run_make(checkout, '-n', 'test-onedl').stdout
    assert '--target .venv/onedl -r requirements/onedl.txt' in plan
    shown = checkout / 'show.mk'
    shown.write_text('include Makefile\ntest test-onedl:\n\t@echo "path=$$PYTHONPATH"\n')
    for target, path in (('test', ''), ('test-onedl', '.venv/onedl')):
        touch_stamps(checkout, run_make(checkout, '-n', target).stdout)
        assert f'path={path}\n' in run_make(checkout, '-f', 'show.mk', target).stdout


@needs_make
def test_models_of_mmpose_have_an_environment_of_their_own(checkout):
    plan = run_make(checkout, '-n', 'pose-env').stdout
    assert '.venv-pose/bin/python -m pip' in plan and '.venv/bin/' not in plan
    touch_stamps(checkout, plan)
    assert 'pip install' not in run_make(checkout, '-n', 'test-pose').stdout
    with (checkout / 'requirements/openmmlab.txt').open('a') as file:
        file.write('# another line\n')
    assert 'pip install' in run_make(checkout, '-n', 'test-pose').stdout
    assert '--ignore=tests/pose ' in run_make(checkout, '-n', 'test').stdout
    failed = run_make(checkout, 'pose-env', 'PYTHON=false')
    assert failed.returncode and 'No Python 3.10 to 3.12 found' in failed.stdout


@needs_make
def test_arguments_reach_pytest(checkout):
    plan = run_make(checkout, '-n', 'test', 'ARGS=tests/test_compat.py -x').stdout
    assert re.search(r'-m pytest .*tests/test_compat\.py -x$', plan, re.MULTILINE)


@needs_make
@pytest.mark.parametrize('python', ['', 'false', '/nowhere/python3'])
def test_a_missing_python_is_reported(checkout, python: str):
    result = run_make(checkout, 'test', f'PYTHON={python}')
    assert result.returncode != 0
    assert 'No Python 3.10 to 3.13 found' in result.stdout
    assert not (checkout / '.venv').exists()


@needs_make
def test_help_is_the_default(checkout):
    assert 'make demo' in run_make(checkout).stdout


# ---------------------------------------------------------------- .ci/run


def test_ci_starts_afresh_and_stops_at_the_first_failure(tmp_path):
    (tmp_path / '.ci').mkdir()
    (tmp_path / '.venv').mkdir()
    (tmp_path / 'bin').mkdir()
    shutil.copy(ROOT / '.ci' / 'run', tmp_path / '.ci' / 'run')
    make = tmp_path / 'bin' / 'make'
    make.write_text('#!/bin/sh\ntest ! -e .venv && echo "$@" >> calls && test ! -e fail\n')
    make.chmod(make.stat().st_mode | stat.S_IEXEC)
    environment = {**os.environ, 'PATH': f'{make.parent}:{os.environ["PATH"]}'}

    assert subprocess.run([tmp_path / '.ci' / 'run'], cwd='/', env=environment).returncode == 0
    assert (tmp_path / 'calls').read_text().split() == STEPS
    (tmp_path / 'fail').touch()
    assert subprocess.run([tmp_path / '.ci' / 'run'], cwd='/', env=environment).returncode != 0
    assert (tmp_path / 'calls').read_text().split() == [*STEPS, 'lint']
