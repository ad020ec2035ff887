"""An interrupted training leaves what it goes on from, bit for bit."""

import os
import signal
import threading

import pytest
import torch
from mmengine.hooks import Hook

from partkd.engine import CheckedRunner
from partkd.engine.runner import last_checkpoint

RARELY = dict(type='AtomicCheckpointHook', interval=10)


@pytest.fixture(autouse=True)
def ctrl_c_is_heard():
    """A shell has what it runs in the background ignore SIGINT, the tests' own process too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Interrupt(Hook):
    """Sends a signal in the middle of an epoch."""

    def __init__(self, epoch, number):
        self.epoch, self.number = epoch, number

    def after_train_iter(self, runner, batch_idx, **kwargs):
        if (runner.epoch, batch_idx) == (self.epoch, 0):
            os.kill(os.getpid(), self.number)


@pytest.fixture
def train(tiny_runner):
    """A function that trains and returns the runner."""

    def train(name, *hooks, checkpoint=RARELY, **options):
        runner = tiny_runner(
            3,
            name=name,
            kind=CheckedRunner,
            randomness=dict(seed=3),
            default_hooks=dict(checkpoint=checkpoint),
            custom_hooks=[dict(type='EpochSeedHook'), *hooks],
            **options,
        )
        runner.train()
        return runner

    return train


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize('epoch', [0, 2])
def test_it_goes_on_as_if_it_had_not_been(epoch, number, train, tmp_path):
    before = signal.getsignal(signal.SIGTERM)
    whole = train('whole').model.state_dict()
    said = rf'^stopped in epoch {epoch + 1}; .*epoch_{epoch}\.pth is where it goes on$'
    with pytest.raises(KeyboardInterrupt, match=said):
        train('run', Interrupt(epoch, number))
    assert signal.getsignal(signal.SIGTERM) is before
    assert last_checkpoint(tmp_path / 'run').name == f'epoch_{epoch}.pth'
    resumed = train('run', resume=True)
    assert all(
        torch.equal(whole[name], value) for name, value in resumed.model.state_dict().items()
    )
    if epoch == 0:  # its weights as they were when it started
        start = torch.load(tmp_path / 'run' / 'epoch_0.pth')
        assert start['meta']['iter'] == 0 and not start['optimizer']['state']


def test_a_checkpoint_that_is_there_is_not_written_again(train, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train('run', Interrupt(2, signal.SIGINT), checkpoint=RARELY | dict(interval=1))
    file = last_checkpoint(tmp_path / 'run')
    known = torch.load(file)['message_hub']['runtime_info']
    assert file.name == 'epoch_2.pth' and known['last_ckpt'] == str(file)


def test_what_is_kept_is_what_a_checkpoint_holds(train, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train('kept', Interrupt(2, signal.SIGINT))
    train('saved', checkpoint=RARELY | dict(interval=1))
    kept, saved = (torch.load(tmp_path / name / 'epoch_2.pth') for name in ('kept', 'saved'))
    assert kept.keys() == saved.keys() and kept['meta'].keys() == saved['meta'].keys()
    assert [kept['meta'][key] for key in ('epoch', 'iter', 'seed')] == [2, 4, 3]
    assert all(
        torch.equal(saved['state_dict'][key], kept['state_dict'][key])
        for key in saved['state_dict']
    )


def test_a_training_in_another_thread_takes_no_signals(train):
    ended = []
    thread = threading.Thread(target=lambda: ended.append(train('run').epoch))
    thread.start()
    thread.join()
    assert ended == [3]
