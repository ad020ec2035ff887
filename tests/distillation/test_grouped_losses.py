"""Losses stay apart until an optimizer wrapper has seen them."""

from contextlib import contextmanager, nullcontext

import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.dist import all_reduce
from mmengine.model import MMDistributedDataParallel
from mmengine.optim import OptimWrapper

from partkd.engine import BFloat16OptimWrapper
from partkd.models import GroupedLossModel
from partkd.structures import GroupedLoss

NAMES = ['loss_cls', 'loss_pmsc', 'loss_kl']


class KeepsGradients:
    """Keeps the gradient of each update before it is made."""

    def step(self, **kwargs):
        weights = self.optimizer.param_groups[0]['params']
        self.total = torch.cat([weight.grad.flatten() for weight in weights])
        super().step(**kwargs)


class TakesGroups(KeepsGradients):
    """Takes the gradients of the groups one by one, as one that revises them will."""

    groups = None

    @contextmanager
    def optim_context(self, model):
        with super().optim_context(model), getattr(model, 'no_sync', nullcontext)():
            yield

    def update_params(self, loss, step_kwargs=None, zero_kwargs=None):
        weights = self.optimizer.param_groups[0]['params']
        groups = self.groups or dict.fromkeys(loss.groups, 0.0)
        for name, value in loss.groups.items():
            given = torch.autograd.grad(
                self.scale_loss(value), weights, retain_graph=True, materialize_grads=True
            )
            gradient = torch.cat([one.flatten() for one in given])
            all_reduce(gradient, op='mean')
            groups[name] = groups[name] + gradient
        self.groups = groups
        self._inner_count += 1
        if self.should_update():
            total = sum(groups.values()).split([weight.numel() for weight in weights])
            for weight, gradient in zip(weights, total, strict=True):
                weight.grad = gradient.view_as(weight)
            self.last, self.groups = groups, None
            self.step()
            self.zero_grad()


class Plain(KeepsGradients, OptimWrapper):
    """Takes the sum."""


class Grouped(TakesGroups, OptimWrapper):
    """Takes the groups."""


class PlainMixed(KeepsGradients, BFloat16OptimWrapper):
    """Takes the sum, in mixed precision."""


class GroupedMixed(TakesGroups, BFloat16OptimWrapper):
    """Takes the groups, in mixed precision."""


def train(model, wrapper, items, steps=2, half=6, **options):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    wrapper = wrapper(optimizer=optimizer, **options)
    for step in range(steps):
        share = items[:half] if step % 2 else items[half:]
        log = model.train_step(pseudo_collate(share), wrapper)
    return wrapper, log


@pytest.mark.parametrize('accumulative_counts', [1, 2])
@pytest.mark.parametrize('wrappers', [(Plain, Grouped), (PlainMixed, GroupedMixed)])
def test_gradients_of_the_groups_sum_to_that_of_the_loss(
    wrappers, accumulative_counts, make_model, items
):
    options = dict(accumulative_counts=accumulative_counts)
    models = make_model(), make_model()
    (plain, _), (grouped, log) = (
        train(model, wrapper, items, **options)
        for model, wrapper in zip(models, wrappers, strict=True)
    )
    assert list(grouped.last) == NAMES and set(NAMES) <= set(log)
    tolerance = dict(rtol=2e-2, atol=2e-2) if wrappers[0] is PlainMixed else {}
    scale = plain.total.abs().max()
    torch.testing.assert_close(sum(grouped.last.values()) / scale, plain.total / scale, **tolerance)
    assert all(gradient.abs().sum() > 0 for gradient in grouped.last.values())
    if wrappers[0] is Plain:
        for one, other in zip(*(model.parameters() for model in models), strict=True):
            torch.testing.assert_close(one, other)


def train_in_a_process(rank, model, items):
    """Gradients of two steps with each wrapper, and those of the groups."""
    state = {name: value.clone() for name, value in model.state_dict().items()}
    share = items[:5] if rank == 0 else items[5:]
    found = {}
    for wrapper in (Plain, Grouped):
        model.load_state_dict(state)
        model.zero_grad()
        done, _ = train(MMDistributedDataParallel(model), wrapper, share, half=3)
        found[wrapper.__name__] = done.total
    return found | dict(groups=done.last)


def test_so_they_do_under_two_processes(make_model, items, run_two):
    one, other = run_two(train_in_a_process, make_model(), items)
    scale = one['Plain'].abs().max()
    for rank in (one, other):
        assert list(rank['groups']) == NAMES
        torch.testing.assert_close(sum(rank['groups'].values()), rank['Grouped'])
        torch.testing.assert_close(rank['Grouped'] / scale, one['Plain'] / scale)
    assert torch.equal(one['groups']['loss_kl'], other['groups']['loss_kl'])


class Losses(GroupedLossModel):
    """Gives what it is told to."""

    def forward(self):
        """Not needed."""


def test_the_sum_is_mmengines_own():
    weight = torch.tensor([0.1, 0.7, 1.3], requires_grad=True)
    losses = dict(
        loss_b=weight.exp(),
        ratio=torch.tensor(0.5),
        loss=weight[0] / 3,
        loss_a=[weight.sin(), weight[1:].cos()],
    )
    total, log = Losses().parse_losses(losses)
    expected, expected_log = super(GroupedLossModel, Losses()).parse_losses(losses)
    assert torch.equal(total, expected) and list(log) == list(expected_log)
    assert all(torch.equal(log[name], expected_log[name]) for name in log)
    assert list(total.groups) == ['loss_b', 'loss', 'loss_a']
    assert torch.equal(sum(total.groups.values()).detach(), expected.detach())
    assert isinstance(total, GroupedLoss) and type(total / 2) is torch.Tensor
    gradient = [torch.autograd.grad(one, weight, retain_graph=True)[0] for one in (total, expected)]
    assert torch.equal(*gradient)
    # what mixed precision does with it, and what logs do
    scaled = torch.amp.GradScaler('cpu', init_scale=4.0).scale(total)
    assert type(scaled) is torch.Tensor and scaled.item() == pytest.approx(4 * total.item())
    assert total.item() == expected.item()


def test_a_model_without_a_loss_is_named():
    with pytest.raises(ValueError, match=r"Losses gave no loss, but \['ratio'\]"):
        Losses().parse_losses(dict(ratio=torch.ones(())))
