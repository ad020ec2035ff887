"""A checkout in which the commands of the documents run."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FEWER = {
    r'\b(24|60)\b': '1',  # epochs
    'epoch_24': 'epoch_1',
    'out_dir=': 'num_subjects=2, repeats=2, out_dir=',
}


@pytest.fixture
def checkout(tmp_path) -> Path:
    """The tools, with the configs of the demo cut down to one epoch on a few clips."""
    for name in ('tools', 'projects'):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / 'configs', tmp_path / 'configs')
    configs = tmp_path / 'configs' / 'partkd'
    for file in (*configs.glob('demo*.py'), *configs.glob('_base_/schedules/*.py')):
        text = file.read_text()
        for old, new in FEWER.items():
            text = re.sub(old, new, text)
        file.write_text(text)
    return tmp_path


@pytest.fixture
def run_command(checkout) -> Callable[[str], None]:
    """Runs a line of a shell in the checkout, which has to succeed."""
    path = f'{Path(sys.executable).parent}:{os.environ["PATH"]}'
    environment = os.environ | dict(PATH=path, OMP_NUM_THREADS='1')

    def run(command: str) -> None:
        done = subprocess.run(
            command, shell=True, cwd=checkout, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f'{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}'

    return run
