"""SCD-Net's objective: four contrasts of two views, a slower copy, three queues."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from mmaction.registry import MODELS

from partkd.models import ContrastivePretrainer, InfoNCELoss
from partkd.structures import SkeletonBatch

MODEL = dict(
    type='ContrastivePretrainer',
    encoder=dict(
        type='SkeletonEncoder',
        backbone=dict(
            type='STGCN', base_channels=4, num_stages=2, inflate_stages=[], down_stages=[]
        ),
        neck=dict(type='CluePooling', in_channels=4, width=6, num_heads=2, num_steps=3),
    ),
    channels=5,
    queue_size=7,
    momentum=0.9,
)


def build() -> ContrastivePretrainer:
    torch.manual_seed(0)
    return MODELS.build(copy.deepcopy(MODEL))


def still(model):
    """Each clip on its own: no batch statistics, nothing dropped; the slower copy goes on."""
    for module in model.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm | torch.nn.Dropout):
            module.eval()
        if isinstance(module, torch.nn.MultiheadAttention):
            module.dropout = 0.0
    return model


def views(count=4):
    return [SkeletonBatch(torch.randn(count, 1, 8, 17, 3)) for _ in range(2)]


def total(losses):
    return sum(value for name, value in losses.items() if 'loss' in name)


def test_the_loss_by_hand():
    """Cosines of 1 with the key, 0 and -1 with two others, over .5."""
    query, key = torch.tensor([[3.0, 0.0]]), torch.tensor([[2.0, 0.0]])
    negatives = torch.tensor([[0.0, 1.0], [-1.0, 0.0]])
    loss = InfoNCELoss(temperature=0.5)(query, key, negatives)
    expected = -math.log(math.exp(2) / (math.exp(2) + 1 + math.exp(-2)))
    assert loss.item() == pytest.approx(expected)
    twice = InfoNCELoss(temperature=0.5, loss_weight=2.0)(query, key, negatives)
    assert twice.item() == pytest.approx(2 * expected)


def test_the_loss_is_that_of_a_loop():
    torch.manual_seed(0)
    query, key = torch.randn(3, 4, requires_grad=True), torch.randn(3, 4)
    negatives = F.normalize(torch.randn(6, 4), dim=1)
    loss = InfoNCELoss()(query, key, negatives)
    each = []
    for one, own in zip(query, key, strict=True):
        others = [F.cosine_similarity(one, n, 0) for n in negatives]
        powers = [(c / 0.2).exp() for c in (F.cosine_similarity(one, own, 0), *others)]
        each.append(-(powers[0] / sum(powers)).log())
    expected = sum(each) / 3
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(
        torch.autograd.grad(loss, query)[0], torch.autograd.grad(expected, query)[0]
    )


def test_the_anchor_is_the_instance():
    model = still(build().train())
    one, other = views()
    queues = {clue: queue.keys.clone() for clue, queue in model.queues.items()}
    losses = model(one, mode='loss', teacher_inputs=other)
    query, key = (model.projectors(model.encoder(view).pooled) for view in (one, other))
    assert {name for name in losses if 'loss' in name} == {
        'loss_temporal_instance',
        'loss_spatial_instance',
        'loss_instance_temporal',
        'loss_instance_spatial',
    }
    contrast = InfoNCELoss(temperature=0.2)
    for name in ('temporal_instance', 'spatial_instance', 'instance_temporal', 'instance_spatial'):
        mine, theirs = name.split('_')
        expected = contrast(query[mine], key[theirs], queues[theirs])
        torch.testing.assert_close(losses[f'loss_{name}'], expected)
        cosine = F.cosine_similarity(query[mine], key[theirs]).mean()
        torch.testing.assert_close(losses[f'{name}_cosine'], cosine, rtol=1e-4, atol=1e-6)
    for clue, queue in model.queues.items():
        torch.testing.assert_close(queue.keys[:4], F.normalize(key[clue], dim=1))
        assert torch.equal(queue.keys[4:], queues[clue][4:]) and queue.place == 4


def test_the_slower_copy_follows_and_takes_no_gradient():
    model = still(build().train())
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    slow = {}
    for step in range(3):
        learned = {
            name: value.detach().clone() for name, value in model._learned().named_parameters()
        }
        # At first it is the same, then .9 of what it was and .1 of what is learned.
        slow = {
            name: value if step == 0 else 0.9 * slow[name] + 0.1 * value
            for name, value in learned.items()
        }
        one, other = views()
        losses = model(one, mode='loss', teacher_inputs=other)
        for name, value in model.slow.module.named_parameters():
            torch.testing.assert_close(value, slow[name])
            assert not value.requires_grad
        optimizer.zero_grad()
        total(losses).backward()
        optimizer.step()
    assert all(
        value.grad is not None and value.grad.isfinite().all()
        for value in (*model.encoder.backbone.parameters(), *model.projectors.parameters())
    )


def test_without_training_the_copy_stays():
    model = build().eval()
    before = copy.deepcopy(model.slow.state_dict())
    one, other = views()
    model(one, mode='loss', teacher_inputs=other)
    assert all(torch.equal(value, before[name]) for name, value in model.slow.state_dict().items())
    assert torch.equal(model(one).pooled, model.encoder(one).pooled)
    with pytest.raises(ValueError, match="has no head, and so no mode 'predict'"):
        model(one, mode='predict')


@pytest.mark.parametrize('others', [None, SkeletonBatch(torch.zeros(2, 1, 8, 17, 3))])
def test_without_another_view_there_is_nothing_to_learn(others):
    with pytest.raises(ValueError, match="3 clips came with .* set .*type='TwoViewsDataset'"):
        build()(torch.zeros(3, 1, 8, 17, 3), mode='loss', teacher_inputs=others)


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(momentum=1.0), r'momentum=1.0: it is a number in \(0, 1\)'),
        (dict(momentum=0.0), r'momentum=0.0: it is a number in \(0, 1\)'),
        (dict(queue_size=0), 'queue_size=0: it is an integer from 1 on'),
        (dict(encoder=MODEL['encoder'] | dict(neck=None)), "contrasts a .*type='CluePooling'"),
    ],
)
def test_what_cannot_be_contrasted_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        MODELS.build(copy.deepcopy(MODEL | settings))


def learn(rank, model, one, other):
    """Losses and gradients of a share of the batch, and what the model has then."""
    share = slice(None) if rank is None else (slice(0, 4), slice(4, None))[rank]
    batches = [SkeletonBatch(view.keypoint[share]) for view in (one, other)]
    losses = model(batches[0], mode='loss', teacher_inputs=batches[1])
    total(losses).backward()
    return dict(
        losses={name: value.detach() for name, value in losses.items() if 'loss' in name},
        gradients=[p.grad for p in model.parameters() if p.grad is not None],
        state={name: v for name, v in model.state_dict().items() if name.startswith(('q', 'slow'))},
    )


def test_two_processes_equal_one(run_two):
    """Also where they have unlike numbers of clips."""
    model = still(build().train())
    one, other = views(6)
    two = run_two(learn, model, one, other)
    alone = learn(None, model, one, other)
    for name, loss in alone['losses'].items():
        torch.testing.assert_close(sum(rank['losses'][name] for rank in two) / 2, loss)
    for expected, *theirs in zip(alone['gradients'], *(rank['gradients'] for rank in two)):
        torch.testing.assert_close(sum(theirs) / 2, expected, rtol=1e-4, atol=1e-6)
    for name, value in alone['state'].items():
        assert torch.equal(two[0]['state'][name], two[1]['state'][name]), name
        torch.testing.assert_close(two[0]['state'][name], value)
