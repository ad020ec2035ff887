"""Processes that mmengine's launcher does not connect."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
import torch
from mmengine.config import Config

from partkd import apis
from partkd.engine.distributed import set_launcher

RUN = """
import atexit, sys
from pathlib import Path
from partkd import apis

def count_threads():
    names = [file.read_text() for file in Path('/proc/self/task').glob('*/comm')]
    return sum('gloo' in name for name in names)

# what is registered first runs last
atexit.register(lambda: print('left:', count_threads()))
model = apis.train(sys.argv[1], work_dir='work', launcher='pytorch')
print('at work:', count_threads(), type(model).__name__)
"""


def test_no_thread_of_gloo_outlives_the_training(configs, tmp_path):
    """One that frees a tensor while the interpreter ends aborts the process: 4 runs of 20 did."""
    place = dict(RANK='0', LOCAL_RANK='0', WORLD_SIZE='1', MASTER_ADDR='127.0.0.1', MASTER_PORT='0')
    done = subprocess.run(
        [sys.executable, '-c', RUN, configs / 'teacher.py'],
        cwd=tmp_path,
        env=os.environ | place,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    (at_work,) = [line.split() for line in lines if line.startswith('at work:')]
    assert int(at_work[2]) > 0
    assert at_work[3] == 'SkeletonRecognizer'  # no wrapper, which would hold the process group
    assert 'left: 0' in lines


@pytest.mark.parametrize(
    'variable, launcher',
    [
        ('WORLD_SIZE', 'pytorch'),
        ('SLURM_STEP_NUM_TASKS', 'slurm'),
        ('OMPI_COMM_WORLD_SIZE', 'mpi'),
    ],
)
def test_several_processes_without_a_launcher_are_refused(variable, launcher, monkeypatch):
    monkeypatch.setenv(variable, '1')
    set_launcher(Config(), 'none')
    monkeypatch.setenv(variable, '2')
    with pytest.raises(ValueError, match=f'one of 2 processes .* Add --launcher {launcher},'):
        set_launcher(Config(), 'none')


@pytest.mark.parametrize('given, seconds', [({}, 1800), (dict(timeout=5), 5)])
def test_a_process_waits_for_the_others_no_longer_than_this(given, seconds, monkeypatch):
    asked = []
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    monkeypatch.setattr('atexit.register', lambda function: None)
    monkeypatch.setattr(
        torch.distributed, 'init_process_group', lambda *args, **kwargs: asked.append(kwargs)
    )
    set_launcher(Config(dict(env_cfg=dict(dist_cfg=given))), 'pytorch')
    assert asked == [dict(timeout=timedelta(seconds=seconds))]


@pytest.mark.parametrize('verb', [apis.distill, apis.sweep])
def test_a_recipe_is_no_work_for_several_processes(configs, monkeypatch, verb):
    monkeypatch.setenv('WORLD_SIZE', '2')
    with pytest.raises(ValueError, match='WORLD_SIZE is 2: .*Start one; tools/sweep.py --jobs'):
        verb(configs / 'tiny.py')
