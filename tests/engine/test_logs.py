"""What is shown of a training is for a reader; the log file has all."""

import pytest

from partkd import apis

FOR_THE_FILE = ('Exp name:', 'System environment:', 'Config:', 'Hooks will be executed')


@pytest.fixture
def shown(configs, tmp_path, capsys):
    apis.train(configs / 'teacher.py', tmp_path / 'work')
    return capsys.readouterr().out


def test_the_console_shows_what_happens(shown, tmp_path):
    (log,) = (tmp_path / 'work').rglob('*.log')
    for text in FOR_THE_FILE:
        assert text not in shown and text in log.read_text()
    assert 'will be deprecated' not in shown
    assert len(shown.splitlines()) < 30
    for text in ('Epoch(train) [3][3/3]', 'acc/top1', '12 clips of 2 classes', 'Saving checkpoint'):
        assert text in shown
