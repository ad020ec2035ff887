"""The sides of the training benchmarks do the same work on the same weights."""

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.device import get_device

from partkd.engine.optim_wrapper import has_bfloat16
from partkd_benchmarks import distilled_steps, training_steps
from partkd_benchmarks.distillation import REVISED, models_and_data
from partkd_benchmarks.noise_clips import NoiseClips
from partkd_benchmarks.published_order import in_published_order
from partkd_benchmarks.training import (
    PUBLISHED_FRAMES,
    base_config,
    mmaction2_model,
    pad,
    partkd_model,
    training,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize('backbone', ['ctrgcn', 'pa_resgcn_b19'])
def test_another_backbone_beside_its_authors_form(backbone):
    result = training_steps(backbone, base_channels=8, batch_size=2, steps=2, rounds=1)
    frames = dict(ctrgcn=64, pa_resgcn_b19=288)[backbone]
    assert list(result.seconds) == [
        f'2 persons, {frames} frames, zeros',
        f'2 persons, {frames} frames sampled',
        f'real persons, {frames} frames sampled',
        'real persons, all real frames',
    ]
    assert f'Training steps of {backbone}, float32' in result.title


def test_an_unknown_backbone_or_width_is_refused():
    with pytest.raises(ValueError, match="one of stgcn, .*ctrgcn.*, got 'ctr'"):
        training_steps('ctr')
    with pytest.raises(ValueError, match='efficientgcn_b4 has no base_channels'):
        training_steps('efficientgcn_b4', base_channels=8)


def test_every_base_config_of_a_backbone_can_be_measured():
    folder = ROOT / 'configs' / 'partkd' / '_base_' / 'models'
    own = {'stgcn_small', 'stgcn_tiny', 'stgcn_segments', 'stgcn_ten_blocks'}
    own |= {'pr_gcn'}  # whose authors' number of frames is not known
    own |= {'scdnet'}  # an encoder with an objective of its own
    assert {file.stem for file in folder.glob('*.py')} - own == set(PUBLISHED_FRAMES)


def test_clips_are_as_long_as_ntu60s():
    clips = NoiseClips(600)
    assert clips.num_frames.mean() == pytest.approx(80, abs=0.5)
    assert (clips.num_frames.min(), clips.num_frames.max() <= 300) == (30, True)
    assert clips.num_persons.sum() == 700
    shapes = [clip.shape for clip in clips.keypoints([3, 4], 25)]
    assert shapes == [(2, clips.num_frames[3], 25, 3), (1, clips.num_frames[4], 25, 3)]
    clips = NoiseClips(512)
    batches = clips.batches(8)
    assert sorted(sum(batches, [])) == list(range(512))
    assert max(np.ptp(clips.num_frames[batch]) for batch in batches[:-2]) < 20


def test_both_recognisers_are_the_same_network():
    theirs, ours = mmaction2_model(4), partkd_model(4)
    weights = theirs.state_dict()
    assert sum(p.numel() for p in theirs.parameters()) == sum(p.numel() for p in ours.parameters())
    for name, value in ours.state_dict().items():
        assert torch.equal(weights[name], value), name

    clips = NoiseClips(12)
    data = dict(inputs=clips.keypoints([0, 3], 25), data_samples=clips.samples([0, 3]))
    full = [pad(clip, 2, 90) for clip in data['inputs']]
    [short, _] = data['inputs']
    frames = short.shape[1]
    assert torch.equal(full[0][:1, :frames], short)
    assert not full[0][1:].any() and not full[0][:, frames:].any()
    step = training(theirs, [dict(data, inputs=[clip[None] for clip in full])] * 3, amp=False)
    losses = training(ours, [dict(data, inputs=full)] * 3, amp=False)()
    torch.testing.assert_close(losses, step())
    assert losses[2] < losses[0]


@pytest.mark.parametrize('precision', ['float32', 'bfloat16'])
def test_training_steps(precision):
    if precision == 'bfloat16' and not has_bfloat16(get_device().split(':')[0]):
        pytest.skip('this device has no bfloat16')
    result = training_steps(base_channels=2, batch_size=4, steps=2, rounds=1, precision=precision)
    assert list(result.seconds) == [
        'mmaction2, 2 x 300 frames',
        'mmaction2, 2 x 100 frames',
        'PartKD, 2 x 100 frames',
        'PartKD, all real frames',
    ]
    assert f', {precision}, batches of 4' in result.title
    assert 'is padding' in result.notes[0]


def test_an_unknown_precision_is_named():
    with pytest.raises(ValueError, match=r"'tf32', 'bfloat16'\), got 'float16'"):
        training_steps(precision='float16')


def test_bank_and_teacher_give_the_same_losses():
    sides = models_and_data(4, 8)
    losses = {}
    for name, (model, data) in sides.items():
        losses[name] = model(**model.data_preprocessor(data, training=True), mode='loss')
    plain, bank, kl_alone, revised, skd, loop = losses.values()
    torch.testing.assert_close(bank, loop)
    torch.testing.assert_close(bank, revised)
    assert {'loss_pmsc', 'loss_kl'} <= bank.keys() and bank['loss_pmsc'] > 0
    torch.testing.assert_close(kl_alone['loss_kl'], bank['loss_kl'])
    for count, name in enumerate(REVISED, 1):
        assert sum('loss' in key for key in losses[name]) == 1 + count
    assert skd['loss_graph_feature'] > 0 and skd['loss_graph_structure'] > 0
    torch.testing.assert_close(plain['loss_cls'], bank['loss_cls'])
    counts = [sum(p.numel() for p in model.parameters()) for model, _ in sides.values()]
    assert len(set(counts)) == 1


def test_distilled_steps():
    result = distilled_steps(base_channels=2, batch_size=4, rounds=1)
    assert list(result.seconds) == ['plain', 'feature bank', *REVISED, 'teacher in the loop']


def test_the_published_order_gives_the_same():
    """Where alpha has moved from 0, at which no clip has a topology of its own."""
    torch.manual_seed(0)
    model = MODELS.build(base_config('ctrgcn', 8))
    for name, parameter in model.named_parameters():
        if name.endswith('alpha'):
            torch.nn.init.constant_(parameter, 0.7)
    clips = torch.randn(2, 1, 12, 25, 3)
    ours = model.eval()(clips)
    theirs = in_published_order(copy.deepcopy(model))(clips)
    scale = ours.abs().max()
    torch.testing.assert_close(theirs / scale, ours / scale, rtol=0, atol=1e-4)
    kinds = {type(module).__name__ for module in in_published_order(model).modules()}
    assert '_AuthorsRefinement' in kinds and 'TopologyRefinement' not in kinds
