"""EfficientGCN and PA-ResGCN: their size as published, and each of their layers by hand."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.registry import init_default_scope
from torch.utils.flop_counter import FlopCounterMode

from partkd.layouts import get_layout
from partkd.models.backbones.masked_efficientgcn import JointFrameAttention
from partkd.models.backbones.masked_pa_resgcn import PartAttention
from partkd.models.layers import HopGraphConvolution, hop_adjacency, share_frame_mask

MODELS_FOLDER = Path(__file__).resolve().parents[3] / 'configs' / 'partkd' / '_base_' / 'models'
DEVICE = get_device()
LENGTHS = (9, 4, 1)
MASK = torch.arange(9, device=DEVICE) < torch.tensor(LENGTHS, device=DEVICE)[:, None]
PARTS = ((0, 5), (1,), (2, 4), (3,), (6,))


def build(name: str, **backbone: object) -> torch.nn.Module:
    """The model of a base config, for NTU RGB+D."""
    init_default_scope('mmaction')
    model = Config.fromfile(MODELS_FOLDER / f'{name}.py').model
    model.layout, model.cls_head.num_classes = 'nturgb+d', 60
    model.backbone.update(backbone)
    return MODELS.build(model)


@pytest.mark.parametrize(
    ('name', 'temporal', 'published'),
    [
        ('efficientgcn_b0', 'sg', 0.29),
        ('efficientgcn_b2', 'sg', 0.51),
        ('efficientgcn_b4', 'sg', 1.10),
        ('efficientgcn_b0', 'sep', 0.32),
        ('efficientgcn_b2', 'sep', 0.79),
        ('efficientgcn_b4', 'sep', 2.03),
    ],
)
def test_efficientgcn_is_as_large_as_published(name, temporal, published):
    """Head and all, in millions, without the learned weights of the edges."""
    model = build(name, temporal=temporal)
    weights = {key: value.numel() for key, value in model.named_parameters()}
    edges = sum(count for key, count in weights.items() if key.endswith('.edge'))
    assert edges == 11 * 3 * 25 * 25
    assert (sum(weights.values()) - edges) / 1e6 == pytest.approx(published, abs=0.0051)


def test_pa_resgcn_is_as_large_as_published():
    """3.64 M in the authors' table: the plain network's 3.26 M, and .38 M of attention."""
    weights = {key: value.numel() for key, value in build('pa_resgcn_b19').named_parameters()}
    attention = sum(n for key, n in weights.items() if 'excite' in key or 'squeeze' in key)
    attention += 2 * (3 * 128 + 3 * 256)  # the batch norms behind
    total = sum(weights.values())
    assert total == 3_632_957
    assert (round((total - attention) / 1e6, 2), round(attention / 1e6, 2)) == (3.26, 0.38)


@pytest.mark.parametrize(
    ('name', 'published'),
    [('efficientgcn_b0', 2.73), ('efficientgcn_b2', 4.05), ('efficientgcn_b4', 8.36)],
)
def test_efficientgcn_costs_what_is_published(name, published):
    """Two persons, 288 frames, in 1e9 multiplications.

    The published figures count batch norms and not the sums over neighbours: they lie between the
    convolutions alone and all of it.
    """
    model = build(name).eval().to('meta')
    clips = torch.zeros(1, 2, 288, 25, 18, device='meta')
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.backbone(clips)
    counts = {str(key): value / 2e9 for key, value in counter.get_flop_counts()['Global'].items()}
    assert counts['aten.convolution'] < published < sum(counts.values())
    assert sum(counts.values()) < 1.2 * published


@pytest.mark.parametrize('name', ['efficientgcn_b0', 'efficientgcn_b4', 'pa_resgcn_b19'])
def test_base_configs_fit_backbone_and_head(name):
    model = build(name).eval()
    with torch.no_grad():
        assert model(torch.randn(1, 2, 6, 25, 18)).shape == (1, 60)


@pytest.mark.parametrize('name', ['efficientgcn_b0', 'pa_resgcn_b19'])
def test_channels_have_to_be_dealt_out_evenly(name):
    with pytest.raises(ValueError, match='16 input channels cannot be dealt out to 3 branches'):
        build(name, in_channels=16)
    assert len(build(name, in_channels=16, num_branches=2).backbone.branches) == 2


@pytest.mark.parametrize('layout', ['coco', dict(num_node=2, inward=[(1, 0)], center=0)])
def test_a_layout_without_parts_is_refused_by_pa_resgcn(layout):
    config = dict(type='MaskedPAResGCN', graph_cfg=dict(layout=layout))
    with pytest.raises(ValueError, match='says nothing of parts: build it in a SkeletonRecognizer'):
        MODELS.build(config)


@pytest.mark.parametrize('depths', [(0, 0, 1), (0, 0, 1, 0), (0, 0, 1, 1, 1)])
def test_every_block_has_a_depth(depths):
    with pytest.raises(ValueError, match=r'depths=.*: one for each of branch_channels=\(48, 32\)'):
        build('efficientgcn_b0', depths=depths)


def test_neighbours_are_told_apart_by_their_distance():
    """On COCO, whose wrist (9) is two links from the shoulder (5)."""
    layout = get_layout('coco')
    matrices = hop_adjacency(dict(layout=layout.graph_cfg())).numpy()
    steps = np.full((17, 17), 99)
    for start in range(17):
        reached = {start: 0}
        while len(reached) < 17:
            for one, other in [*layout.links, *(link[::-1] for link in layout.links)]:
                if one in reached and other not in reached:
                    reached[other] = reached[one] + 1
        steps[start] = [reached[joint] for joint in range(17)]
    assert steps[9, 5] == 2 and steps.max() <= 10
    for hop, matrix in enumerate(matrices):
        np.testing.assert_allclose(matrix, (steps == hop) / 17, rtol=1e-6)


def test_a_graph_convolution_is_a_loop_over_neighbours():
    torch.manual_seed(0)
    layer = HopGraphConvolution(2, 3, torch.rand(3, 4, 4))
    torch.nn.init.normal_(layer.edge)
    x = torch.randn(2, 2, 5, 4)
    expected = torch.zeros(2, 3, 5, 4)
    weight = layer.conv.weight.view(3, 3, 2)
    for hop in range(3):
        mapped = torch.einsum('dc,pctv->pdtv', weight[hop], x)
        mapped = mapped + layer.conv.bias.view(3, 3)[hop][:, None, None]
        for inner in range(4):
            for outer in range(4):
                share = layer.adjacency[hop, inner, outer] * layer.edge[hop, inner, outer]
                expected[..., outer] += share * mapped[..., inner]
    torch.testing.assert_close(layer(x), expected)


def moved(layer: torch.nn.Module) -> torch.nn.Module:
    """With weights as training might move them."""
    with torch.no_grad():
        for weight in layer.parameters():
            weight += 0.3 * torch.randn_like(weight)
    return layer.to(DEVICE)


@torch.no_grad()
@pytest.mark.parametrize('kind', ['joints and frames', 'parts'])
def test_attention_is_of_real_frames(kind):
    """In eval mode by hand, clip by clip, whatever padded frames hold but where they come out."""
    torch.manual_seed(0)
    layer = JointFrameAttention(8, 7, 2) if kind == 'joints and frames' else PartAttention(8, PARTS)
    layer = moved(layer).eval()
    x = torch.randn(3, 8, 9, 7, device=DEVICE) * MASK[:, None, :, None]
    with share_frame_mask(layer).use(MASK):
        out = layer(x)
    by_hand = joint_frame_by_hand if kind == 'joints and frames' else part_by_hand
    for person, length in enumerate(LENGTHS):
        expected = by_hand(layer, x[person, :, :length])
        torch.testing.assert_close(out[person, :, :length], expected, rtol=1e-4, atol=1e-5)
        assert not out[person, :, length:].any()


def normed(x, norm):
    """By running statistics, channels first."""
    shape = (-1,) + (1,) * (x.dim() - 1)
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    return (x - norm.running_mean.view(shape)) * scale.view(shape) + norm.bias.view(shape)


def affine(layer, x):
    """(C,) to (C',)."""
    return layer.weight.flatten(1) @ x + layer.bias


def joint_frame_by_hand(layer, clip):
    def squeezed(features):
        hidden = normed(affine(layer.squeeze, features), layer.squeeze_bn)
        return torch.nn.functional.hardswish(hidden)

    gates = torch.empty_like(clip)
    for frame in range(clip.shape[1]):
        for joint in range(7):
            of_frame = affine(layer.frames, squeezed(clip[:, frame].mean(1))).sigmoid()
            of_joint = affine(layer.joints, squeezed(clip[:, :, joint].mean(1))).sigmoid()
            gates[:, frame, joint] = of_frame * of_joint
    return torch.nn.functional.silu(normed(clip * gates, layer.bn) + clip)


def part_by_hand(layer, clip):
    hidden = normed(affine(layer.squeeze, clip.mean((1, 2))), layer.squeeze_bn).relu()
    gates = affine(layer.excite, hidden).view(8, 5).softmax(1)
    weighed = clip.clone()
    for part, joints in enumerate(PARTS):
        for joint in joints:
            weighed[:, :, joint] *= gates[:, part, None]
    return (normed(weighed, layer.bn) + clip).relu()
