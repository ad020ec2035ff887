"""A training goes on under the schedule that it was started with, or not at all."""

import pytest
from mmengine.hooks import Hook

from partkd.engine import CheckedRunner

HOOKS = dict(checkpoint=dict(type='AtomicCheckpointHook', interval=1))
ONE_CYCLE = dict(type='OneCycleLR', eta_max=0.1, total_steps=4)
IN_STEPS = dict(convert_to_iter_based=True)
STEPS = dict(type='MultiStepLR', milestones=[2, 5])


class Rates(Hook):
    """Of each epoch's first step."""

    def __init__(self):
        self.seen = []

    def before_train_epoch(self, runner):
        self.seen.append(runner.optim_wrapper.get_lr()['lr'][0])


@pytest.fixture
def train(tiny_runner):
    """A function that trains and returns each epoch's learning rate."""

    def train(scheduler, epochs=4, name='run', batch_size=4, lr=0.1, **options):
        rates = Rates()
        runner = tiny_runner(
            epochs,
            name=name,
            kind=CheckedRunner,
            param_scheduler=scheduler,
            optim_wrapper=dict(optimizer=dict(type='SGD', lr=lr)),
            default_hooks=HOOKS,
            custom_hooks=[rates],
            **options,
        )
        runner._train_dataloader['batch_size'] = batch_size
        runner.train()
        return rates.seen

    return train


@pytest.fixture
def interrupted(train):
    """A function that trains two of four epochs."""

    def stop(self, runner):
        if runner.epoch == 2:
            raise KeyboardInterrupt

    def interrupted(scheduler):
        with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(Rates, 'before_train_epoch', stop)
            train(scheduler)

    return interrupted


@pytest.mark.parametrize('scheduler', [ONE_CYCLE, ONE_CYCLE | IN_STEPS, STEPS, STEPS | IN_STEPS])
def test_the_same_schedule_goes_on(scheduler, train, interrupted):
    whole = train(scheduler, name='whole')
    interrupted(scheduler)
    assert train(scheduler, resume=True) == whole[2:]


REFUSED = [
    (
        ONE_CYCLE,
        ONE_CYCLE | dict(total_steps=6),
        6,
        {},
        'total_steps is 4 in it and 6 now',
    ),
    (ONE_CYCLE, ONE_CYCLE, 3, {}, 'another length than the 3 epochs'),
    (
        ONE_CYCLE | IN_STEPS,
        ONE_CYCLE | IN_STEPS,
        4,
        dict(batch_size=2),
        'total_steps is 8 in it and 16 now',
    ),
    (ONE_CYCLE, ONE_CYCLE | dict(eta_max=0.2), 4, {}, ''),
    (ONE_CYCLE, ONE_CYCLE | dict(pct_start=0.5), 4, {}, 'pct_start'),
    (
        STEPS,
        STEPS | dict(milestones=[3, 5]),
        4,
        {},
        r'milestones is \[2, 5\] in it and \[3, 5\] now',
    ),
    (STEPS | IN_STEPS, STEPS | IN_STEPS, 4, dict(batch_size=2), r'milestones is \[4, 10\] in it'),
    (STEPS, STEPS, 4, dict(lr=0.5), r'the learning rate is \[0.1\] in it and \[0.5\] now'),
    (STEPS, [STEPS, STEPS], 4, {}, 'has 1 parts in it and 2 now'),
    (
        dict(type='CosineAnnealingLR', T_max=4),
        dict(type='CosineAnnealingLR', T_max=4),
        6,
        {},
        'planned',
    ),
    (
        dict(type='LinearLR', start_factor=1, end_factor=0, end=4),
        dict(type='LinearLR', start_factor=1, end_factor=0, end=4),
        6,
        {},
        'planned',
    ),
]


@pytest.mark.parametrize('before, now, epochs, options, said', REFUSED)
def test_another_one_is_refused(before, now, epochs, options, said, train, interrupted):
    interrupted(before)
    with pytest.raises(
        ValueError, match=f'under another schedule: param_scheduler.*{said}.*load_from='
    ):
        train(now, epochs, resume=True, **options)


def test_more_epochs_go_on_where_each_epoch_has_its_rate(train, interrupted):
    """mmengine would leave the rate at that of epoch 4, where the first training was to end."""
    whole = train(STEPS, 6, name='whole')
    assert whole == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.01, 0.001])
    interrupted(STEPS)
    assert train(STEPS, 6, resume=True) == whole[2:]


@pytest.mark.parametrize('scheduler', [ONE_CYCLE, ONE_CYCLE | IN_STEPS, STEPS, STEPS | IN_STEPS])
def test_a_training_in_two_parts_goes_on(scheduler, train):
    """mmengine would leave the rate at that of epoch 2, where the first part was to end."""
    whole = train(scheduler, name='whole')
    assert train(scheduler, 2) + train(scheduler, 4, resume=True) == whole


def test_another_batch_size_goes_on_where_each_epoch_has_its_rate(train, interrupted):
    interrupted(STEPS)
    assert train(STEPS, batch_size=2, resume=True) == pytest.approx([0.01, 0.01])


def test_without_a_scheduler_nothing_is_held_against_anything(train, interrupted):
    interrupted(None)
    assert train(None, 6, resume=True) == [0.1] * 4
