"""What the backbones have in common, and whether they are as large as published."""

from pathlib import Path

import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import nn

from partkd.layouts import layout_names
from partkd.models import MaskedCTRGCN

MODELS_FOLDER = Path(__file__).resolve().parents[3] / 'configs' / 'partkd' / '_base_' / 'models'
GRAPH = dict(layout='coco', mode='spatial')


def build(name: str, layout: str, num_classes: int, **backbone: int) -> nn.Module:
    """The model of a base config."""
    init_default_scope('mmaction')
    model = Config.fromfile(MODELS_FOLDER / f'{name}.py').model
    model.layout = layout
    model.cls_head.num_classes = num_classes
    model.backbone.update(backbone)
    return MODELS.build(model)


@pytest.mark.parametrize(
    ('name', 'layout', 'num_classes', 'count', 'published'),
    [
        # mmaction2's metafile, in 2D and in 3D
        ('stgcnpp', 'coco', 60, 1_393_016, 1.39),
        ('stgcnpp', 'nturgb+d', 60, 1_403_144, 1.40),
        # Chen et al., whose ablations are of NTU120
        ('ctrgcn', 'nturgb+d', 120, 1_461_942, 1.46),
        ('agcn', 'nturgb+d', 60, 3_468_304, 3.47),
    ],
)
def test_base_configs_are_as_large_as_published(name, layout, num_classes, count, published):
    """Head and all, in millions of weights."""
    model = build(name, layout, num_classes)
    weights = sum(weight.numel() for weight in model.parameters())
    assert weights == count and round(weights / 1e6, 2) == published


@pytest.mark.parametrize('name', ['stgcnpp', 'ctrgcn', 'agcn'])
def test_base_configs_fit_backbone_neck_and_head(name):
    model = build(name, 'coco', 60).eval()
    clips = torch.randn(1, 2, 6, 17, 3)
    with torch.no_grad():
        assert model.extract_feat(clips, stage='backbone')[0].shape == (2, 256, 2, 17)
        assert model(clips).shape == (1, 60)


def test_stgcnpp_takes_every_layout():
    """Of the backbones the suite of all that is registered tries the first case alone."""
    for layout in layout_names():
        model = build('stgcnpp', layout, 60, num_stages=2)
        joints = model.layout.num_joints
        clips = torch.randn(1, 1, 4, joints, 3)
        assert model.extract_feat(clips, stage='backbone')[0].shape == (1, 64, 4, joints)


def test_stages_widen_and_slow_down():
    network = MaskedCTRGCN(GRAPH, 2, 8, num_stages=4, inflate_stages=[2, 4], down_stages=[3])
    widths = [block.spatial.bn.num_features for block in network.gcn]
    assert widths == [8, 16, 16, 32]
    assert network(torch.randn(3, 2, 7, 17, 2)).shape == (3, 2, 32, 4, 17)


def test_nothing_is_led_past_the_first_block():
    network = MaskedCTRGCN(GRAPH, 8, 8, num_stages=2)
    first, second = network.gcn
    assert first.residual is None and isinstance(second.residual, nn.Identity)
    x = torch.randn(2, 8, 5, 17)
    torch.testing.assert_close(first(x), first.temporal(first.spatial(x)).relu())
    torch.testing.assert_close(second(x), (second.temporal(second.spatial(x)) + x).relu())


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(base_channels=0), 'base_channels=0: it is an integer from 1 on'),
        (dict(inflate_stages=4), 'inflate_stages=4: it is a tuple of an integer'),
        (dict(base_channels=6), '6 channels .* set base_channels to a multiple of 4'),
    ],
)
def test_what_no_network_can_be_made_of_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        MaskedCTRGCN(GRAPH, **settings)
