import os
import subprocess
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / 'tools'


@pytest.fixture
def run(tmp_path: Path):
    """Runs a launcher in another folder, where python and srun only print what they are given."""
    for name in ('python', 'srun'):
        command = tmp_path / name
        command.write_text('#!/bin/sh\nprintf "%s\\n" "$PYTHONPATH" "$MASTER_PORT" "$@"\n')
        command.chmod(0o755)

    def run_launcher(name: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
        path = f'{tmp_path}:{os.environ["PATH"]}'
        environment = {'PATH': path, 'PYTHONPATH': '/elsewhere', **variables}
        command = [TOOLS / name, *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    return run_launcher


LAUNCHERS = {
    'dist_train.sh': ['config.py', '2'],
    'dist_test.sh': ['config.py', 'weights.pth', '2'],
    'slurm_train.sh': ['gpu', 'a job', 'config.py'],
    'slurm_test.sh': ['gpu', 'a job', 'config.py', 'weights.pth'],
}
OPTIONS = ['--cfg-options', 'model.name=two words']


@pytest.mark.parametrize('name', LAUNCHERS)
def test_it_starts_the_tool_from_any_folder(run, name: str):
    result = run(name, *LAUNCHERS[name], *OPTIONS)
    assert result.returncode == 0, result.stderr
    python_path, _, *arguments = result.stdout.splitlines()
    ours, others = python_path.split(':')
    assert (Path(ours) / 'partkd').is_dir()
    assert others == '/elsewhere'
    launcher, _, tool = name.removesuffix('.sh').partition('_')
    start = arguments.index(str(TOOLS / f'{tool}.py'))
    files = [argument for argument in LAUNCHERS[name] if '.p' in argument]
    kind = {'dist': 'pytorch', 'slurm': 'slurm'}[launcher]
    assert arguments[start + 1 :] == [*files, '--launcher', kind, *OPTIONS]


@pytest.mark.parametrize('name', ['dist_train.sh', 'dist_test.sh'])
def test_processes_and_machines_are_handed_on(run, name: str):
    result = run(name, *LAUNCHERS[name], NNODES='3', NODE_RANK='1', MASTER_ADDR='n0', PORT='1234')
    assert {
        'torch.distributed.run',
        '--nproc_per_node=2',
        '--nnodes=3',
        '--node_rank=1',
        '--master_addr=n0',
        '--master_port=1234',
    } <= set(result.stdout.splitlines())


@pytest.mark.parametrize('name', ['slurm_train.sh', 'slurm_test.sh'])
def test_what_is_asked_of_slurm(run, name: str):
    result = run(name, *LAUNCHERS[name], GPUS='4', GPUS_PER_NODE='2', SRUN_ARGS='-w n1 --qos=high')
    _, port, *arguments = result.stdout.splitlines()
    assert 12000 <= int(port) < 32000
    assert arguments[:2] == ['-p', 'gpu']
    expected = {'--job-name=a job', '--gres=gpu:2', '--ntasks=4', '-w', 'n1', '--qos=high'}
    assert expected <= set(arguments)


@pytest.mark.parametrize('name', LAUNCHERS)
def test_missing_arguments_are_answered_with_the_usage(run, name: str):
    result = run(name, *LAUNCHERS[name][:-1])
    assert result.returncode == 2
    assert f'tools/{name}' in result.stderr
    assert result.stdout == ''
