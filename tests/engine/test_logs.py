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


def test_a_training_that_is_done_says_so(shown, configs, tmp_path, capsys):
    apis.train(configs / 'teacher.py', tmp_path / 'work', resume=True)
    assert 'epoch_3.pth has all 3 epochs: nothing is left to train' in capsys.readouterr().out


def test_it_is_said_what_a_checkpoint_learned_from(shown, configs, tmp_path, capsys):
    """A teacher's weights fit the config of a student with the same layout."""
    checkpoint = tmp_path / 'work' / 'epoch_3.pth'
    apis.test(configs / 'teacher.py', checkpoint, tmp_path / 'test')
    said = 'epoch_3.pth learned from high.pkl [train], and is tested on high.pkl [val]'
    assert said in capsys.readouterr().out.replace("'", '')
