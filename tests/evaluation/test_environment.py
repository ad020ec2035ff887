import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from partkd.evaluation import environment, git_commit


@pytest.fixture
def git(tmp_path, monkeypatch):
    """A checkout with a package in it, and a function that runs git there."""
    if shutil.which('git') is None:
        pytest.skip('no git')
    for name in ('GIT_DIR', 'GIT_WORK_TREE'):
        monkeypatch.delenv(name, raising=False)
    settings = ['-c', 'user.name=x', '-c', 'user.email=x@example.org', '-c', 'core.hooksPath=']

    def run(*arguments):
        command = ['git', '-C', str(tmp_path), *settings, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    run('init', '--quiet')
    package = tmp_path / 'package'
    package.mkdir()
    (package / '__init__.py').write_text('')
    return package, run


def test_names_versions_device_and_threads():
    found = environment()
    assert {'python', 'torch', 'numpy', 'mmengine', 'mmaction2', 'mmcv', 'device'} < found.keys()
    assert all(found[name] for name in found if name != 'commit')
    assert found['threads'] >= 1


def test_names_no_host_and_no_path():
    text = json.dumps(environment())
    assert str(Path.home()) not in text and os.getcwd() not in text
    assert socket.gethostname() not in text


def test_commit_and_changes(git):
    package, run = git
    assert git_commit(package) is None  # no commit yet
    run('add', '.')
    run('commit', '--quiet', '--message', 'one')
    commit = run('rev-parse', 'HEAD')
    assert git_commit(package) == commit
    (package / '__init__.py').write_text('changed')
    assert git_commit(package) == f'{commit} with uncommitted changes'


def test_package_foreign_to_the_repository_has_no_commit(git):
    package, run = git
    run('add', '.')
    run('commit', '--quiet', '--message', 'one')
    copy = package.parent / 'installed'
    copy.mkdir()
    (copy / '__init__.py').write_text('')
    assert git_commit(copy) is None


def test_without_git_no_commit(git, monkeypatch):
    monkeypatch.setenv('PATH', '')
    assert git_commit(git[0]) is None
