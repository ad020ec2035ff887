import logging

import pytest

from partkd.evaluation import Results
from partkd.experiments import Progress, progress


@pytest.fixture
def clock(monkeypatch):
    """The time, which stands still unless it is set."""
    now = [0.0]
    monkeypatch.setattr(progress.time, 'monotonic', lambda: now[0])
    return now


def test_it_says_when_all_will_be_done(clock, caplog, tmp_path):
    """Steps that were done before say nothing of how long one takes."""
    caplog.set_level(logging.INFO)
    results = Results('title', 'config', [0], ['student'], {}, 5)
    shown = Progress(results, tmp_path / 'results', 5, logging.getLogger('test'))
    shown.done('old', tmp_path / 'a', dict(seconds=99.0), before=True)
    clock[0] = 10.0
    shown.done('first', tmp_path / 'b', dict(seconds=10.0), before=False)
    clock[0] = 14.0  # two at a time
    shown.done('second', tmp_path / 'c', dict(seconds=14.0), before=False)
    shown.done('old too', tmp_path / 'd', dict(seconds=99.0), before=True)
    shown.done('last', tmp_path / 'e', dict(seconds=1.0), before=False)
    assert caplog.messages == [
        '[1/5] old: already done in 99 s',
        '[2/5] first: done in 10 s, all in about 0:00:30',
        '[3/5] second: done in 14 s, all in about 0:00:14',
        '[4/5] old too: already done in 99 s',
        '[5/5] last: done in 1 s',
    ]
