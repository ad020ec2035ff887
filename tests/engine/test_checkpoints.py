"""A training that is killed at any moment goes on from the last epoch that was whole."""

import os
import shutil
from pathlib import Path

import pytest
import torch
from mmengine.runner import Runner, find_latest_checkpoint

from partkd.engine import CheckedRunner, checkpoint_hook
from partkd.engine.runner import last_checkpoint

EPOCHS = 4
HOOK = dict(type='AtomicCheckpointHook', interval=1, max_keep_ckpts=1)
BEST = dict(save_best='val/mean', rule='less')


class KilledError(BaseException):
    """What no handler of a training catches."""


@pytest.fixture
def train(tiny_runner):
    """A function that trains, and returns the weights."""

    def train(name: str, hook: dict = HOOK, epochs: int = EPOCHS, **options):
        options |= dict(randomness=dict(seed=3), custom_hooks=[dict(type='EpochSeedHook')])
        options |= dict(default_hooks=dict(checkpoint=hook), name=name)
        runner = tiny_runner(epochs, kind=CheckedRunner, **options)
        runner.train()
        return runner.model.state_dict()

    return train


@pytest.fixture
def kill(monkeypatch):
    """A function that ends the training of some epoch ahead of, or within, a step of keeping."""

    def kill(moment: str, epoch: int) -> None:
        owner, name, calls = {
            'before it is written': (checkpoint_hook.CheckpointBackend, 'put', epoch),
            'half written': (os, 'fsync', epoch),
            'before the note': (checkpoint_hook, 'write_atomically', epoch),
            'before the old one is removed': (
                checkpoint_hook.CheckpointBackend,
                'remove_outdated',
                2 * epoch - 1,  # also after each validation
            ),
        }[moment]
        original, count = getattr(owner, name), iter(range(1, 99))

        def killed(*args):
            if next(count) == calls:
                raise KilledError
            return original(*args)

        monkeypatch.setattr(owner, name, killed)

    return kill


MOMENTS = {
    'before it is written': 2,
    'half written': 2,
    'before the note': 3,
    'before the old one is removed': 3,
}


@pytest.mark.parametrize('moment', MOMENTS)
def test_a_killed_training_goes_on_where_it_was(moment, train, kill, tmp_path, monkeypatch):
    whole = train('whole')
    kill(moment, 3)
    with pytest.raises(KilledError):
        train('killed')
    monkeypatch.undo()
    assert last_checkpoint(tmp_path / 'killed').name == f'epoch_{MOMENTS[moment]}.pth'
    resumed = train('killed', resume=True)
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    assert Path(find_latest_checkpoint(str(tmp_path / 'killed'))).name == 'epoch_4.pth'


def test_what_is_kept_is_what_mmengine_keeps(train, tmp_path):
    for name, kind in (('ours', 'AtomicCheckpointHook'), ('theirs', 'CheckpointHook')):
        train(name, HOOK | BEST | dict(type=kind, max_keep_ckpts=2))
    ours, theirs = (
        {file.name: torch.load(file) for file in (tmp_path / name).glob('*.pth')}
        for name in ('ours', 'theirs')
    )
    assert ours.keys() == theirs.keys() and {'epoch_3.pth', 'epoch_4.pth'} < ours.keys()
    for name, content in ours.items():
        info = [one['message_hub']['runtime_info'] for one in (content, theirs[name])]
        assert info[0]['keep_ckpt_ids'] == info[1]['keep_ckpt_ids']
        weights = [one['state_dict'] for one in (content, theirs[name])]
        assert all(torch.equal(weights[0][key], weights[1][key]) for key in weights[0])


@pytest.mark.parametrize('moment', ['before it is written', 'half written'])
def test_the_best_one_is_removed_when_a_better_one_is_written(moment, train, kill, tmp_path):
    """Of each epoch the last one is written first; the best one of the first epoch is the second
    file, and the last one that knows of it the third."""
    train('killed', HOOK | BEST, epochs=1)
    (best,) = (tmp_path / 'killed').glob('best_*')
    kill(moment, 2)
    with pytest.raises(KilledError):
        train('killed', HOOK | BEST | dict(rule='greater'), resume=True)
    assert best.exists()


# ---------------------------------------------------------------- which one is the last


@pytest.fixture
def folder(train, tmp_path):
    """Three checkpoints, one after the other, and their note."""
    train('run', HOOK | dict(max_keep_ckpts=3), epochs=3)
    folder = tmp_path / 'run'
    for number in (1, 2, 3):
        os.utime(folder / f'epoch_{number}.pth', (number, number))
    return folder


@pytest.fixture
def said(monkeypatch):
    """What is said in the log."""
    said = []
    monkeypatch.setattr('partkd.engine.runner.print_log', lambda text, **kwargs: said.append(text))
    return said


def test_the_noted_one_is_taken_without_a_word(folder, said):
    moved = Path(shutil.copytree(folder, folder.with_name('moved')))
    assert last_checkpoint(moved) == moved / 'epoch_3.pth'
    assert last_checkpoint(folder.parent) is None
    assert not said


@pytest.mark.parametrize('note', ['', 'epoch_2.pth', '/elsewhere/epoch_9.pth', None])
def test_one_that_the_note_does_not_name_yet_is_taken(folder, said, note):
    (folder / 'last_checkpoint').unlink() if note is None else (
        folder / 'last_checkpoint'
    ).write_text(note)
    assert last_checkpoint(folder) == folder / 'epoch_3.pth'
    assert 'going on from' in said[0] and (Path(note or 'nothing').name in said[0])


@pytest.mark.parametrize('fault', ['cut short', 'empty', 'no state'])
def test_one_that_cannot_be_read_is_passed_over(folder, said, fault):
    last = folder / 'epoch_3.pth'
    content = last.read_bytes()
    if fault == 'no state':
        torch.save(dict(state_dict={}, meta={}), last)
    else:
        last.write_bytes(content[:2000] if fault == 'cut short' else b'')
    os.utime(last, (3, 3))
    assert last_checkpoint(folder) == folder / 'epoch_2.pth'
    assert 'epoch_3.pth is passed over' in said[0] and 'going on from' in said[1]


def test_a_training_that_was_there_before_is_not_gone_on_with(folder):
    """Its epochs may be later ones, and its files are older."""
    shutil.copy(folder / 'epoch_3.pth', folder / 'epoch_60.pth')
    os.utime(folder / 'epoch_60.pth', (0, 0))
    assert last_checkpoint(folder).name == 'epoch_3.pth'


def test_a_copy_may_have_other_times(folder):
    os.utime(folder / 'epoch_1.pth', (9, 9))
    assert last_checkpoint(folder).name == 'epoch_3.pth'


def test_nothing_to_go_on_from_is_said(train, tmp_path):
    (tmp_path / 'run').mkdir()
    (tmp_path / 'run' / 'epoch_2.pth').write_bytes(b'')
    train('run', epochs=1, resume=True)
    assert (tmp_path / 'run' / 'epoch_1.pth').is_file()
    (log,) = (tmp_path / 'run').rglob('*.log')
    assert 'epoch_2.pth is passed over' in log.read_text()
    assert 'holds no checkpoint to go on from: the training starts' in log.read_text()


def test_the_tools_of_mmaction2_use_the_runner():
    from mmaction.registry import RUNNERS

    assert RUNNERS.get('CheckedRunner') is CheckedRunner and issubclass(CheckedRunner, Runner)
