"""PR-GCN: its size, and its way through refinement, positions and motion by hand."""

import pytest
import torch
from mmengine.device import get_device

from partkd.layouts import get_layout
from partkd.models import MaskedPRGCN, SkeletonRecognizer
from partkd.models.backbones.masked_pr_gcn import PoseRefinement
from partkd.models.layers import share_frame_mask

DEVICE = get_device()


def make(**settings) -> MaskedPRGCN:
    torch.manual_seed(0)
    graph = dict(layout=get_layout('coco').graph_cfg(), mode='stgcn_spatial')
    return MaskedPRGCN(graph, base_channels=6, **settings).to(DEVICE)


def test_it_is_as_small_as_published():
    """86 to 93 % fewer weights than those it is compared with: 2s-AGCN has 6.94 M, AGCN half."""
    backbone = dict(type='MaskedPRGCN', graph_cfg=dict(mode='spatial'))
    head = dict(type='SkeletonHead', num_classes=60, in_channels=256)
    model = SkeletonRecognizer(backbone, head, layout='nturgb+d')
    millions = sum(weight.numel() for weight in model.parameters()) / 1e6
    assert 1 - millions / 6.94 == pytest.approx(0.93, abs=0.005)
    assert 1 - millions / 3.47 == pytest.approx(0.86, abs=0.005)


def test_coordinates_are_moved_and_scores_are_read():
    torch.manual_seed(0)
    refinement = PoseRefinement(3, 6, 2, torch.rand(3, 5, 5)).to(DEVICE).eval()
    pose = torch.randn(2, 3, 7, 5, device=DEVICE)
    moved = refinement(pose)
    assert torch.equal(moved[:, 2], pose[:, 2]) and (moved[:, :2] != pose[:, :2]).all()
    torch.testing.assert_close(moved[:, :2] - pose[:, :2], refinement.shift(pose))
    scored = torch.cat([pose[:, :2], pose[:, 2:] + 1], 1)
    assert not torch.equal(refinement(scored)[:, :2], moved[:, :2])


def by_hand(net, clip):
    """One clip (C, T, V) after the refinement, alone: frame by frame where frames meet."""
    steps = [torch.zeros_like(clip[:, 0])]
    steps += [clip[:, t] - clip[:, t - 1] for t in range(1, clip.shape[1])]
    motion = net.motion_in(torch.stack(steps, 1)[None])
    position = net.position_in(clip[None])
    for number, layer in enumerate(net.position):
        motion = net.motion[number](motion)
        if number in (1, 4):
            frames = range(0, position.shape[2], 2)
            position = torch.stack([position[:, :, t : t + 2].amax(2) for t in frames], 2)
        position = layer(torch.cat([position, motion], 1))
    weights = net.attention.narrow(net.attention.widen(position.mean((2, 3))).relu()).sigmoid()
    return net.last(position * weights[..., None, None])[0]


@torch.no_grad()
@pytest.mark.parametrize('num_frames', [1, 6, 7])
def test_branches_meet_at_the_fewer_frames(num_frames):
    """Of a clip alone, and of one that is padded with something."""
    net = make().eval()
    mask = share_frame_mask(net)
    clip = torch.randn(1, num_frames, 17, 3, device=DEVICE)
    with mask.use(None):
        alone = net(clip[None])[0, 0]
        joints = net.data_bn(clip.permute(0, 2, 3, 1).flatten(1, 2)).unflatten(1, (17, 3))
        refined = net.refinement(joints.permute(0, 2, 3, 1))[0]
        torch.testing.assert_close(alone, by_hand(net, refined), rtol=1e-4, atol=1e-5)
    assert alone.shape == (24, -(-num_frames // 4), 17)
    padded = torch.cat([clip, torch.full((1, 9, 17, 3), 5.0, device=DEVICE)], 1)
    real = torch.arange(num_frames + 9, device=DEVICE)[None] < num_frames
    with mask.use(real):
        again = net(padded[None])[0, 0, :, : alone.shape[1]]
    torch.testing.assert_close(again, alone, rtol=1e-4, atol=1e-5)


def test_more_coordinates_than_channels_are_refused():
    with pytest.raises(ValueError, match='coordinates is 3, and in_channels 2: set backbone.coord'):
        make(in_channels=2, coordinates=3)
