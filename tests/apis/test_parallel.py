import os
from operator import methodcaller
from types import SimpleNamespace

import pytest

from partkd.apis.parallel import run_in_processes


class Killed:
    """A chain whose process ends as soon as it reads it."""

    name = 'killed'

    def __reduce__(self):
        return os._exit, (3,)


def chain(name, *call):
    """A chain that makes one call of its observer."""
    return SimpleNamespace(name=name, recipe=SimpleNamespace(cfg={}), run=methodcaller(*call))


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
