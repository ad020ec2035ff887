"""Processes that mmengine's launcher does not connect."""

import os
import subprocess
import sys

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
