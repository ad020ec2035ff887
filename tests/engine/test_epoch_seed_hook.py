import random

import numpy as np
import pytest
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor

from partkd.engine import epoch_seed_hook

EPOCHS = 4
SEED = dict(randomness=dict(seed=3))
HOOK = dict(type='EpochSeedHook')


class InterruptionError(Exception):
    """What ends a training before its time."""


class InterruptHook(Hook):
    """Ends the training in the middle of its third epoch."""

    def after_train_iter(self, runner: Runner, batch_idx: int, **kwargs) -> None:
        if runner.epoch == 2 and batch_idx == 0:
            raise InterruptionError


class RecordHook(Hook):
    """Keeps the inputs of every batch."""

    def __init__(self) -> None:
        self.inputs = []

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: list) -> None:
        self.inputs.append(data_batch[0])


def train(tiny_runner, *hooks, **options) -> dict[str, Tensor]:
    runner = tiny_runner(EPOCHS, custom_hooks=list(hooks), **options)
    runner.train()
    return runner.model.state_dict()


def train_with_interruption(tiny_runner, *hooks, **options) -> dict[str, Tensor]:
    with pytest.raises(InterruptionError):
        train(tiny_runner, *hooks, InterruptHook(), **options)
    random.random(), np.random.rand(), torch.rand(1)  # another process has drawn other numbers
    return train(tiny_runner, *hooks, resume=True, **options)


def is_equal(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize('num_workers', [0, 2])
def test_a_resumed_run_equals_an_uninterrupted_one(tiny_runner, num_workers: int):
    options = dict(num_workers=num_workers, **SEED)
    whole = train(tiny_runner, HOOK, name='whole', **options)
    resumed = train_with_interruption(tiny_runner, HOOK, name='resumed', **options)
    assert is_equal(whole, resumed)


def test_without_the_hook_a_resumed_run_differs(tiny_runner):
    whole = train(tiny_runner, name='whole', **SEED)
    assert is_equal(whole, train(tiny_runner, name='again', **SEED))
    assert not is_equal(whole, train_with_interruption(tiny_runner, name='resumed', **SEED))


def test_a_seed_that_no_config_names_is_resumed_too(tiny_runner, monkeypatch):
    monkeypatch.setattr('mmengine.runner.utils.sync_random_seed', lambda: 11)
    whole = train(tiny_runner, HOOK, name='whole')
    with pytest.raises(InterruptionError):
        train(tiny_runner, HOOK, InterruptHook(), name='resumed')
    monkeypatch.setattr('mmengine.runner.utils.sync_random_seed', lambda: 12)
    assert is_equal(whole, train(tiny_runner, HOOK, name='resumed', resume=True))


def test_seeds_make_runs_differ(tiny_runner):
    runs = [train(tiny_runner, HOOK, name=f's{s}', randomness=dict(seed=s)) for s in (1, 2)]
    assert not is_equal(*runs)


@pytest.mark.parametrize('num_workers', [0, 1])
def test_each_epoch_draws_its_own_augmentation(tiny_runner, num_workers: int):
    record = RecordHook()
    train(tiny_runner, HOOK, record, num_workers=num_workers, **SEED)
    noise = [torch.cat(record.inputs[i : i + 2])[:, 1] for i in range(0, len(record.inputs), 2)]
    values = torch.cat(noise)  # the second coordinate is 1 plus noise for every item
    assert len(values.unique()) == len(values) == 8 * EPOCHS


def test_each_process_draws_its_own_numbers(tiny_runner, monkeypatch):
    runs = []
    for rank in (0, 1):
        monkeypatch.setattr(epoch_seed_hook, 'get_rank', lambda rank=rank: rank)
        runs.append(train(tiny_runner, HOOK, name=f'rank{rank}', **SEED))
    assert not is_equal(*runs)


def test_the_loaders_own_worker_function_still_runs(tiny_runner, tmp_path):
    runner = tiny_runner(1, custom_hooks=[HOOK], num_workers=1, **SEED)
    loader = runner.build_dataloader(runner._train_dataloader)
    loader.worker_init_fn = lambda worker_id: (tmp_path / f'worker{worker_id}').touch()
    runner._train_dataloader = loader
    runner.train()
    assert (tmp_path / 'worker0').exists()


def test_workers_that_outlive_an_epoch_are_reported(tiny_runner, capsys):
    runner = tiny_runner(1, custom_hooks=[HOOK], num_workers=1, **SEED)
    runner._train_dataloader = {**runner._train_dataloader, 'persistent_workers': True}
    runner.train()
    assert 'persistent_workers=False' in capsys.readouterr().out
