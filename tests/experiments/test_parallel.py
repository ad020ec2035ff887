import os
import signal
import subprocess
import sys
import time
from operator import methodcaller
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from mmengine.device import get_device

from partkd.experiments.parallel import run_in_processes


class Killed:
    """A chain whose process ends as soon as it reads it."""

    name = 'killed'

    def __reduce__(self):
        return os._exit, (3,)


def chain(name, *call):
    """A chain that makes one call of its observer."""
    return SimpleNamespace(
        name=name, recipe=SimpleNamespace(custom_imports=[]), run=methodcaller(*call)
    )


class Computing:
    """A chain that computes where a training would."""

    name, recipe = 'computing', SimpleNamespace(custom_imports=[])

    def run(self, observer):
        total = torch.ones(3, device=get_device()).sum()
        observer.done('computing', str(total.device), float(total), False)


@pytest.fixture
def told():
    """An observer that keeps what it is told."""

    def keep(method):
        return lambda *arguments: calls.append((method, *arguments))

    calls = []
    observer = SimpleNamespace(calls=calls)
    for method in ('starting', 'done', 'tested', 'failed'):
        setattr(observer, method, keep(method))
    return observer


def test_chains_that_die_or_fail_are_told_and_the_others_go_on(told):
    chains = [
        Killed(),
        chain('broken', 'no_such_method'),
        chain('good', 'done', 'good, teacher', 1.5, 0.5, False),
    ]
    run_in_processes(chains, 1, 1, told)
    killed, broken, good = told.calls
    assert killed[:2] == ('failed', 'killed') and 'exit code 3' in str(killed[2])
    assert broken[:2] == ('failed', 'broken') and 'AttributeError' in str(broken[2])
    assert good == ('done', 'good, teacher', 1.5, 0.5, False)


def test_a_chain_can_use_the_device(told):
    run_in_processes([Computing()], 1, 1, told)
    [(method, _, device, total, _)] = told.calls
    assert (method, device.split(':')[0], total) == ('done', get_device(), 3)


def test_a_chain_ends_with_a_parent_that_was_killed(tmp_path):
    """Or the next call of the same command would train beside it."""
    code = f"""
import os, time
from pathlib import Path
from types import SimpleNamespace
from partkd.experiments.parallel import run_in_processes

class Chain:
    name, recipe = 'sleeper', SimpleNamespace(custom_imports=[])

    def run(self, observer):
        Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))
        time.sleep(60)

if __name__ == '__main__':
    run_in_processes([Chain()], 1, 1, None)
"""
    script = tmp_path / 'sleeper.py'
    script.write_text(code)
    parent = subprocess.Popen([sys.executable, str(script)])
    child = int(wait_for(lambda: (tmp_path / 'pid').exists() and (tmp_path / 'pid').read_text()))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert wait_for(lambda: not is_running(child))


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def is_running(pid):
    """Whether there is such a process that has not ended, be it waited for or not."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False
