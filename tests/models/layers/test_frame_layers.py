"""Pooling and attention over real frames, against naive loops and each clip alone."""

import weakref

import pytest
import torch
from mmengine.device import get_device
from torch import nn

from partkd.models.layers import (
    FrameMask,
    FrameMaxPool,
    MaskAware,
    MaskedBatchNorm2d,
    channel_gate,
    downsample_mask,
    joint_affinity,
    mean_over_frames,
    share_frame_mask,
    spatial_gate,
    temporal_gate,
)
from partkd.models.layers.real_frames import RealFrames

DEVICE = get_device()
LENGTHS = (9, 4, 7, 1)
MASK = torch.arange(9, device=DEVICE) < torch.tensor(LENGTHS, device=DEVICE)[:, None]


@pytest.fixture
def x():
    """(P, C, T, V); what is not real is large."""
    torch.manual_seed(0)
    x = torch.randn(4, 6, 9, 5, device=DEVICE)
    return torch.where(MASK[:, None, :, None], x, 50 + x)


def alone(x, person):
    """The real frames of one person, (1, C, frames, V)."""
    return x[person : person + 1, :, : LENGTHS[person]]


def test_the_mean_is_of_real_frames(x):
    mean = mean_over_frames(x, MASK)
    for person, length in enumerate(LENGTHS):
        expected = sum(x[person, :, frame] for frame in range(length)) / length
        torch.testing.assert_close(mean[person], expected)
    torch.testing.assert_close(mean_over_frames(x, None), x.mean(2))


def test_the_mean_of_half_precision_does_not_overflow():
    x = torch.full((1, 1, 64, 1), 3e4, dtype=torch.float16)
    mean = mean_over_frames(x, torch.arange(64)[None] < 50)
    assert mean.dtype == torch.float16
    torch.testing.assert_close(mean, x[:, :, 0])


@pytest.mark.parametrize('stride', [1, 2])
@pytest.mark.parametrize('kernel_size', [3, 5])
def test_the_maximum_is_of_real_frames(x, kernel_size, stride):
    x = (x - 3).requires_grad_()  # below zero, where zeros in padded frames would win
    pool = FrameMaxPool(kernel_size, stride)
    pool.frame_mask = FrameMask()
    with pool.frame_mask.use(MASK):
        out = pool(x)
    for person, length in enumerate(LENGTHS):
        for place in range(out.shape[2]):
            centre = place * stride
            reach = range(centre - kernel_size // 2, centre + kernel_size // 2 + 1)
            window = [x[person, :, frame] for frame in reach if 0 <= frame < length]
            expected = (
                torch.stack(window).amax(0) if centre < length else torch.zeros(6, 5, device=DEVICE)
            )
            torch.testing.assert_close(out[person, :, place], expected)
    (grad,) = torch.autograd.grad(out.sum(), x)
    assert grad.isfinite().all() and (grad[~MASK[:, None, :, None].expand_as(grad)] == 0).all()


@pytest.mark.parametrize('gate', ['spatial', 'temporal', 'channel', 'affinity'])
def test_attention_is_that_of_each_clip_alone(x, gate):
    conv = nn.Conv1d(6, 1, 5, padding=2, device=DEVICE)
    squeeze, excite = nn.Linear(6, 3, device=DEVICE), nn.Linear(3, 6, device=DEVICE)
    apply = dict(
        spatial=lambda x, mask: spatial_gate(x, conv, mask),
        temporal=lambda x, mask: temporal_gate(x, conv, mask),
        channel=lambda x, mask: channel_gate(x, squeeze, excite, mask),
        affinity=lambda x, mask: joint_affinity(x, x.flip(1), mask),
    )[gate]
    together = apply(x, MASK)
    shapes = dict(spatial=(1, 1, 5), temporal=(1, 9, 1), channel=(6, 1, 1), affinity=(5, 5))
    assert together.shape == (4, *shapes[gate])
    for person, length in enumerate(LENGTHS):
        mine = together[person : person + 1]
        mine = mine[:, :, :length] if gate == 'temporal' else mine
        torch.testing.assert_close(mine, apply(alone(x, person), None))


def test_gates_and_affinity_by_hand(x):
    conv = nn.Conv1d(6, 1, 3, padding=1, device=DEVICE)
    squeeze, excite = nn.Linear(6, 3, device=DEVICE), nn.Linear(3, 6, device=DEVICE)
    person, length = 2, LENGTHS[2]
    clip = x[person, :, :length]
    spatial = spatial_gate(x, conv, MASK)[person, 0, 0]
    temporal = temporal_gate(x, conv, MASK)[person, 0, :, 0]
    for place, pooled, gates in ((2, clip.mean(1), spatial), (3, clip.mean(2), temporal)):
        value = conv.bias + (conv.weight[0] * pooled[:, place - 1 : place + 2]).sum()
        torch.testing.assert_close(gates[place : place + 1], value.sigmoid())
    hidden = (squeeze.weight @ clip.mean((1, 2)) + squeeze.bias).clamp(min=0)
    expected = (excite.weight @ hidden + excite.bias).sigmoid()
    gates = channel_gate(x, squeeze, excite, MASK)[person, :, 0, 0]
    torch.testing.assert_close(gates, expected)
    affinity = joint_affinity(x, 2 * x, MASK)[person]
    expected = sum(2 * clip[c, t, 1] * clip[c, t, 4] for c in range(6) for t in range(length))
    torch.testing.assert_close(affinity[1, 4], expected / (6 * length))


def test_masks_follow_strides_of_two():
    assert downsample_mask(MASK, 5).sum(1).tolist() == [5, 2, 4, 1]
    assert downsample_mask(MASK, 3).sum(1).tolist() == [3, 1, 2, 1]
    with pytest.raises(ValueError, match='makes 4 frames of 9, which strides of 2 do not: sample'):
        downsample_mask(MASK, 4)


def test_one_mask_is_shared_by_batch_norms_and_mask_aware_layers():
    backbone = nn.Sequential(nn.BatchNorm2d(6), nn.Sequential(FrameMaxPool(3), nn.ReLU()))
    frozen = backbone[0].eval().requires_grad_(False)
    frame_mask = share_frame_mask(backbone)
    assert type(backbone[0]) is MaskedBatchNorm2d
    assert backbone[0].weight is frozen.weight and not backbone[0].training
    aware = [module for module in backbone.modules() if isinstance(module, MaskAware)]
    assert len(aware) == 2 and all(module.frame_mask is frame_mask for module in aware)
    with frame_mask.use(MASK):
        assert frame_mask.at(9) is MASK
    assert frame_mask.at(9) is None


def test_what_batch_norms_need_of_a_mask_is_computed_once_a_resolution(monkeypatch):
    """And is held no longer than the mask."""
    made, make = [], RealFrames.of

    def count(mask, x, dtype):
        frames = make(mask, x, dtype)
        made.append((weakref.ref(frames), frames.count.item(), frames.real.flatten(1).tolist()))
        return frames

    monkeypatch.setattr(RealFrames, 'of', count)
    halve = nn.MaxPool2d((1, 1), (2, 1))
    backbone = nn.Sequential(*[nn.BatchNorm2d(6) for _ in range(3)], halve, nn.BatchNorm2d(6))
    backbone.append(nn.BatchNorm2d(6)).to(DEVICE)
    frame_mask = share_frame_mask(backbone)
    for mask in (MASK, MASK.flip(0)):
        made.clear()
        x = torch.randn(4, 6, 9, 5, device=DEVICE)
        with frame_mask.use(mask):
            backbone(x)
            assert frame_mask.at(5) is frame_mask.at(5)
        expected = [mask[:, ::stride, None].expand(-1, -1, 5).flatten(1) for stride in (1, 2)]
        assert [real for _, _, real in made] == [real.tolist() for real in expected]
        assert [count for _, count, _ in made] == [real.sum() for real in expected]
        assert all(frames() is None for frames, _, _ in made)
        assert frame_mask.real_frames(x, x.dtype) is None
