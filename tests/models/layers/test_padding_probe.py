"""The probe finds what heeds no mask, and leaves no trace."""

import copy

import pytest
import torch
from mmengine.device import get_device
from torch import nn

from partkd.models import SkeletonRecognizer
from partkd.models.layers import check_padding, padding_error, share_frame_mask
from partkd.models.layers.padding_probe import TOLERANCE
from partkd.structures import SkeletonBatch

DEVICE = get_device()
SMALL = dict(base_channels=8, num_stages=3, inflate_stages=[2], down_stages=[2, 3])


class Net(nn.Module):
    """A batch norm and what is under test, (P, 1, T, V, C) to (P, 1, C, T', V)."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(4)
        self.layer = layer

    def forward(self, x):
        return self.layer(self.norm(x[:, 0].permute(0, 3, 1, 2)))[:, None]


class Gate(nn.Module):
    """A mean over time that starts without effect."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x + self.weight * x.mean(2, keepdim=True)


class Noise(nn.Module):
    """Draws at random in training."""

    def forward(self, x):
        return x * torch.rand(len(x), 1, 1, 1) if self.training else x


class OwnBatchNorm(nn.BatchNorm2d):
    """Of a class that no masked one takes the place of."""


class Recurrent(nn.Module):
    """Frames backwards in time, so that padding comes first."""

    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(4, 4, batch_first=True, bidirectional=True)

    def forward(self, x):
        frames = x.permute(0, 3, 2, 1)
        out, _ = self.gru(frames.flatten(0, 1))
        return out.unflatten(0, frames.shape[:2]).permute(0, 3, 2, 1)


def error_of(layer: nn.Module) -> float:
    torch.manual_seed(0)
    net = Net(layer)
    return padding_error(net, share_frame_mask(net), num_joints=5, in_channels=4)


@pytest.mark.parametrize(
    'layer',
    [
        nn.Conv2d(4, 4, (9, 1), padding=(4, 0)),
        nn.Conv2d(4, 4, (3, 1), padding=(1, 0), stride=(2, 1)),
        nn.Sequential(nn.ReLU(), nn.MaxPool2d((3, 1), 1, (1, 0))),
        nn.Sequential(nn.Dropout(0.5), nn.Conv2d(4, 4, (3, 1), padding=(1, 0))),
        Noise(),
    ],
    ids=['convolution', 'stride', 'max pool after a ReLU', 'dropout', 'noise'],
)
def test_what_heeds_the_mask_passes(layer):
    assert error_of(layer) < TOLERANCE


@pytest.mark.parametrize(
    'layer',
    [
        Gate(),
        nn.Sequential(nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, (3, 1), padding=(1, 0))),
        nn.MaxPool2d((3, 1), 1, (1, 0)),
        nn.InstanceNorm2d(4),
        nn.GroupNorm(2, 4),
        nn.SyncBatchNorm(4).eval(),
        OwnBatchNorm(4),
        nn.Sequential(Noise(), Gate()),
        Recurrent(),
    ],
    ids=[
        'a mean that starts at zero',
        'convolutions without a batch norm between',
        'max pool of what may be negative',
        'instance norm',
        'group norm',
        'synchronised batch norm',
        'batch norm at the end, wrong in training alone',
        'a mean, and noise in training',
        'recurrent',
    ],
)
def test_what_heeds_no_mask_is_found(layer):
    net = Net(layer)
    with pytest.raises(RuntimeError, match='Net'):
        check_padding(net, share_frame_mask(net), num_joints=5, in_channels=4)


def test_a_stride_that_rounds_down_is_found():
    assert error_of(nn.AvgPool2d((2, 1))) == float('inf')
    with pytest.raises(ValueError, match='which strides of 2 do not: sample clips of one length'):
        error_of(nn.AvgPool2d((3, 1)))


def test_nothing_is_left_behind():
    torch.manual_seed(0)
    net = Net(
        nn.Sequential(nn.Dropout(), nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4), Noise())
    )
    net.train()
    net.layer[2].eval()  # as a frozen norm
    before, modes = copy.deepcopy(net.state_dict()), [m.training for m in net.modules()]
    frame_mask, random = share_frame_mask(net), torch.get_rng_state()
    check_padding(net, frame_mask, num_joints=5, in_channels=4)
    assert torch.equal(torch.get_rng_state(), random)
    for name, tensor in net.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    assert [m.training for m in net.modules()] == modes
    assert {m.momentum for m in net.modules() if isinstance(m, nn.BatchNorm2d)} == {0.1}
    assert all(p.grad is None and p.requires_grad for p in net.parameters())
    assert frame_mask.at(5) is None


def make_model(backbone: dict) -> SkeletonRecognizer:
    torch.manual_seed(0)
    return SkeletonRecognizer(
        backbone=SMALL | backbone,
        cls_head=dict(type='SkeletonHead', num_classes=5, in_channels=16),
    ).to(DEVICE)


def batch_of(model: SkeletonRecognizer, *lengths: int) -> SkeletonBatch:
    clips = [torch.randn(1, length, 17, 3, device=DEVICE) for length in lengths]
    return model.data_preprocessor.collate(clips)


@pytest.mark.parametrize('attention', [True, False])
def test_aagcn_is_refused_for_padded_clips_alone(attention):
    """Also without attention, where at the start it gives what the clip alone gives."""
    model = make_model(dict(type='AAGCN', data_bn_type='VC', gcn_attention=attention))
    assert model(torch.randn(2, 1, 8, 17, 3, device=DEVICE)).shape == (2, 5)
    same = model.data_preprocessor.collate(
        [torch.randn(1, 8, 17, 3, device=DEVICE), torch.randn(2, 8, 17, 3, device=DEVICE)]
    )
    assert model(same).shape == (2, 5)
    padded = model.data_preprocessor.collate(
        [torch.randn(1, 8, 17, 3, device=DEVICE), torch.randn(1, 6, 17, 3, device=DEVICE)]
    )
    for _ in range(2):
        with pytest.raises(RuntimeError, match='AAGCN does not heed .*UniformSample.*MaskedAAGCN'):
            model(padded)


def test_it_is_tried_once(monkeypatch):
    model = make_model(dict(type='STGCN'))
    calls = []
    hook = model.backbone.register_forward_hook(lambda *_: calls.append(1))
    padded = model.data_preprocessor.collate(
        [torch.randn(1, 8, 17, 3, device=DEVICE), torch.randn(1, 6, 17, 3, device=DEVICE)]
    )
    model(padded)
    assert len(calls) > 1
    calls.clear()
    model(padded)
    copy.deepcopy(model)(padded)
    hook.remove()
    assert len(calls) == 2
