"""A checkout in which the commands of the documents run."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
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


@pytest.fixture(scope='session')
def run_tool() -> Iterator[Callable[[Path, list[str]], tuple[int, str]]]:
    """Runs ``python tools/...``, without the seconds that importing takes each time."""
    environment = os.environ | dict(OMP_NUM_THREADS='1')
    command = [sys.executable, str(Path(__file__).with_name('warm_tools.py'))]
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with subprocess.Popen(command, env=environment, **pipes) as server:

        def run(folder: Path, arguments: list[str]) -> tuple[int, str]:
            out = folder / 'said.txt'
            order = dict(folder=str(folder), out=str(out), arguments=arguments)
            print(json.dumps(order), file=server.stdin, flush=True)
            status = int(server.stdout.readline())
            return status, out.read_text(errors='replace')

        yield run
        server.stdin.close()


@pytest.fixture
def run_command(checkout, run_tool) -> Callable[[str], None]:
    """Runs a line of a shell in the checkout, which has to succeed."""
    path = f'{Path(sys.executable).parent}:{os.environ["PATH"]}'
    environment = os.environ | dict(PATH=path, OMP_NUM_THREADS='1')

    def run(command: str) -> None:
        first, *arguments = shlex.split(command)
        if first == 'python':
            status, said = run_tool(checkout, arguments)
        else:
            pipes = dict(stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            done = subprocess.run(command, shell=True, cwd=checkout, env=environment, **pipes)
            status, said = done.returncode, done.stdout
        assert status == 0, f'{command}\n{said[-6000:]}'

    return run
