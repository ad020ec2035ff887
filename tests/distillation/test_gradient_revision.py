"""Gradients of distillation lose what conflicts with the classification's (SKD)."""

import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.logging import MessageHub
from mmengine.model import MMDistributedDataParallel
from mmengine.optim import OptimWrapper
from torch import nn

from partkd.engine import BFloat16GradientRevisionOptimWrapper, GradientRevisionOptimWrapper
from partkd.engine.gradient_revision import revise
from partkd.models import GroupedLossModel


@pytest.mark.parametrize(
    ('gradient', 'anchor', 'expected'),
    [
        ([1.0, 2.0], [2.0, 0.0], [1.0, 2.0]),  # not in conflict
        ([-1.0, 2.0], [2.0, 0.0], [0.0, 2.0]),
        ([-3.0, 1.0], [1.0, 1.0], [-2.0, 2.0]),
        ([-3.0, 1.0], [0.0, 0.0], [-3.0, 1.0]),
    ],
)
def test_revised_by_hand(gradient, anchor, expected):
    gradient, anchor = torch.tensor(gradient), torch.tensor(anchor)
    torch.testing.assert_close(revise(gradient, anchor), torch.tensor(expected))
    assert revise(gradient, anchor) @ anchor > -1e-6


class Pulls(GroupedLossModel):
    """Losses that pull two weights somewhere; one of them is not in each of the losses."""

    def __init__(self, **pulls):
        super().__init__()
        self.first, self.second = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(1))
        self.pulls = pulls

    def forward(self, share=None, mode='loss'):
        return {
            name: self.first @ torch.tensor(pull[:2]) + (self.second * pull[2]).sum()
            if pull
            else torch.zeros(())
            for name, pull in self.pulls.items()
        }


def step(model, wrapper=GradientRevisionOptimWrapper, times=1, **options):
    wrapper = wrapper(optimizer=torch.optim.SGD(model.parameters(), lr=1.0), **options)
    for _ in range(times):
        loss, _ = model.parse_losses(model())
        wrapper.update_params(loss)
    return torch.cat([model.first, model.second]).detach()


def test_over_all_parameters_together():
    """By hand: a = (1, 0, 1), g = (-2, 1, 1): g.a = -1, a.a = 2, revised (-1.5, 1, 1.5)."""
    pulls = dict(loss_cls=[1.0, 0.0, 1.0], loss_kl=[-2.0, 1.0, 1.0], loss_pmsc=[0.0, 1.0, 0.0])
    expected = torch.tensor([1.0 - 1.0 + 1.5, 1.0 - 1.0 - 1.0, 1.0 - 1.0 - 1.5])
    torch.testing.assert_close(step(Pulls(**pulls)), expected)
    log = MessageHub.get_current_instance()
    assert log.get_scalar('train/conflict_loss_kl').current() == 1
    assert log.get_scalar('train/conflict_loss_pmsc').current() == 0


def test_without_conflict_it_is_a_plain_step():
    pulls = dict(loss_cls=[1.0, 0.5, 1.0], loss_kl=[2.0, 1.0, 1.0])
    assert torch.equal(step(Pulls(**pulls)), step(Pulls(**pulls), OptimWrapper))


def test_a_loss_of_nothing_changes_nothing():
    torch.testing.assert_close(
        step(Pulls(loss_cls=[1.0, 0.0, 1.0], loss_kl=None)), step(Pulls(loss_cls=[1.0, 0.0, 1.0]))
    )


def accumulate(halves):
    """One step, of the two halves of a batch."""
    model = Pulls(loss_cls=[1.0, 0.0, 0.0])
    wrapper = GradientRevisionOptimWrapper(
        optimizer=torch.optim.SGD(model.parameters(), lr=1.0), accumulative_counts=2
    )
    for pull in halves:
        model.pulls['loss_kl'] = pull
        loss, _ = model.parse_losses(model())
        wrapper.update_params(loss)
    return torch.cat([model.first, model.second]).detach()


def test_gradients_are_accumulated_before_they_are_revised():
    """The two halves of a batch conflict in turn, and not together."""
    mean = [1.0, 1.0, 0.0]
    expected = step(Pulls(loss_cls=[1.0, 0.0, 0.0], loss_kl=mean))
    found = accumulate([[-3.0, 1.0, 0.0], [5.0, 1.0, 0.0]])
    torch.testing.assert_close(found, expected)


def test_what_it_cannot_revise_is_named():
    model = Pulls(loss_kl=[1.0, 0.0, 0.0])
    wrapper = GradientRevisionOptimWrapper(optimizer=torch.optim.SGD(model.parameters(), lr=1.0))
    with pytest.raises(TypeError, match='GroupedLossModel'):
        wrapper.update_params(model.first.sum())
    loss, _ = model.parse_losses(model())
    with pytest.raises(ValueError, match=r"anchor='loss_cls' is no loss .*\['loss_kl'\]"):
        wrapper.update_params(loss)


def naive(model, batch):
    """The gradient of a step, loss by loss with ``backward``, as SKD's code has it."""
    data = model.data_preprocessor(batch, True)
    loss, _ = model.parse_losses(model(**data, mode='loss'))
    gradients = {}
    for name, value in loss.groups.items():
        model.zero_grad()
        value.backward(retain_graph=True)
        gradients[name] = torch.cat(
            [
                torch.zeros_like(one).flatten() if one.grad is None else one.grad.flatten().clone()
                for one in model.parameters()
            ]
        )
    anchor = total = gradients.pop('loss_cls')
    for gradient in gradients.values():
        if gradient @ anchor < 0:
            gradient = gradient - (gradient @ anchor) / (anchor @ anchor) * anchor
        total = total + gradient
    return total


def moved(model, before):
    after = torch.cat([one.detach().flatten() for one in model.parameters()])
    return before - after


def flat(model):
    return torch.cat([one.detach().flatten().clone() for one in model.parameters()])


def test_a_distilled_student_is_moved_as_by_a_loop(make_model, items):
    expected = naive(make_model(), pseudo_collate(items))
    for wrapper in (GradientRevisionOptimWrapper, BFloat16GradientRevisionOptimWrapper):
        model = make_model()
        before = flat(model)
        optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
        model.train_step(pseudo_collate(items), wrapper(optimizer=optimizer))
        scale = expected.abs().max()
        tolerance = dict(rtol=1e-4, atol=1e-5)
        if wrapper is BFloat16GradientRevisionOptimWrapper:
            tolerance = dict(rtol=5e-2, atol=5e-2)
        torch.testing.assert_close(moved(model, before) / scale, expected / scale, **tolerance)


def train_in_a_process(rank, model, items):
    share = items[:6] if rank == 0 else items[6:]
    before = flat(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    wrapped = MMDistributedDataParallel(model)
    for _ in range(2):
        wrapped.train_step(pseudo_collate(share), GradientRevisionOptimWrapper(optimizer=optimizer))
    return moved(model, before)


def test_processes_agree(make_model, items, run_two):
    one, other = run_two(train_in_a_process, make_model(), items)
    assert torch.equal(one, other) and one.abs().sum() > 0


def pull_in_a_process(rank, halves):
    """Each process has one half of the batch."""
    model = Pulls(loss_cls=[1.0, 0.0, 0.0], loss_kl=halves[rank])
    return step(model)


def test_two_processes_are_one_with_the_whole_batch(run_two):
    halves = [[-3.0, 1.0, 0.0], [5.0, 1.0, 0.0]]
    expected = step(Pulls(loss_cls=[1.0, 0.0, 0.0], loss_kl=[1.0, 1.0, 0.0]))
    for found in run_two(pull_in_a_process, halves):
        torch.testing.assert_close(found, expected)


def accumulate_in_a_process(rank, quarters):
    return accumulate(quarters[rank])


def test_two_processes_that_accumulate_are_one_with_the_whole_batch(run_two):
    """One process is in conflict, and a half of the other; all together are not."""
    quarters = [[[-3.0, 1.0, 0.0], [-1.0, 1.0, 0.0]], [[-2.0, 1.0, 0.0], [10.0, 1.0, 0.0]]]
    expected = step(Pulls(loss_cls=[1.0, 0.0, 0.0], loss_kl=[1.0, 1.0, 0.0]))
    for found in run_two(accumulate_in_a_process, quarters):
        torch.testing.assert_close(found, expected)


def test_a_process_without_pairs_waits_for_nobody(run_two):
    halves = [None, [-2.0, 1.0, 0.0]]
    expected = step(Pulls(loss_cls=[1.0, 0.0, 0.0], loss_kl=[-1.0, 0.5, 0.0]))
    for found in run_two(pull_in_a_process, halves):
        torch.testing.assert_close(found, expected)
