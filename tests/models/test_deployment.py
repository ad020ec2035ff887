"""What is exported gives what was trained."""

import itertools
import json

import onnx
import onnxruntime
import pytest
import torch
from mmaction.models.utils import unit_gcn
from mmaction.registry import MODELS
from torch import nn

from partkd.layouts import get_layout, layout_names
from partkd.models import ExportedRecognizer, SkeletonRecognizer, to_onnx
from partkd.models.deployment import FoldedGraphConvolution, exported_recognizer, onnx_file
from partkd.models.deployment.graph_convolution import fold_graph_convolutions

SMALL = dict(base_channels=6, num_stages=2, inflate_stages=[2], down_stages=[2])


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def randomise(module: nn.Module) -> nn.Module:
    """Weights, biases and batch statistics far from where they start, in eval mode."""
    for name, tensor in module.state_dict().items():
        if name.endswith('running_var'):
            nn.init.uniform_(tensor, 0.5, 2.0)
        elif tensor.is_floating_point() and not name.endswith(('.A', 'averaging')):
            nn.init.normal_(tensor, std=0.5)
    return module.eval()


def make_model(layout='coco', in_channels=3, num_classes=5, neck=None, head=None, **backbone):
    return randomise(
        SkeletonRecognizer(
            layout=layout,
            backbone=dict(type='STGCN', in_channels=in_channels) | SMALL | backbone,
            neck=neck,
            cls_head=dict(type='SkeletonHead', num_classes=num_classes, in_channels=12)
            | (head or {}),
        )
    )


def check_sizes(model: SkeletonRecognizer, content: bytes) -> None:
    """The file gives what the model gives, clip by clip, for one to three persons."""
    session = onnxruntime.InferenceSession(content)
    for persons, frames in ((1, 1), (1, 23), (2, 40), (3, 9)):
        clips = torch.randn(2, persons, frames, model.layout.num_joints, model.in_channels)
        (logits,) = session.run(None, dict(keypoint=clips.numpy()))
        with torch.no_grad():
            expected = torch.cat([model(clip[None]) for clip in clips])
        assert expected.std() > 1e-2
        torch.testing.assert_close(torch.from_numpy(logits), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    'adaptive, conv_pos, with_res, out_channels',
    list(
        itertools.product(
            [None, 'init', 'offset', 'importance'], ['pre', 'post'], [False, True], [4, 6]
        )
    ),
)
def test_a_folded_graph_convolution_is_the_same(adaptive, conv_pos, with_res, out_channels):
    gcn = randomise(
        unit_gcn(4, out_channels, torch.rand(3, 7, 7), adaptive, conv_pos, with_res=with_res)
    )
    x = torch.randn(2, 4, 5, 7)
    with torch.no_grad():
        expected = gcn(x)
        torch.testing.assert_close(FoldedGraphConvolution(gcn)(x), expected, rtol=1e-4, atol=1e-4)
    assert expected.std() > 0.1


def test_the_model_stays_as_it_is():
    model = make_model().train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    exported = ExportedRecognizer(model)
    assert isinstance(exported.recognizer.backbone.gcn[1].gcn, FoldedGraphConvolution)
    assert model.training and isinstance(model.backbone.gcn[1].gcn, unit_gcn)
    clips = torch.randn(2, 2, 8, 17, 3)
    torch.testing.assert_close(exported(clips), model.eval()(clips))
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name]), name


def test_what_is_no_batch_norm_is_not_folded():
    model = make_model(gcn_norm=dict(type='IN', affine=True))
    exported = ExportedRecognizer(model)
    assert isinstance(exported.recognizer.backbone.gcn[1].gcn, unit_gcn)


def test_a_batch_norm_of_the_batch_at_hand_is_not_folded():
    norm = dict(type='BN', track_running_stats=False)
    gcn = unit_gcn(4, 4, torch.rand(3, 7, 7), norm=norm)
    module = nn.Sequential(gcn, unit_gcn(4, 4, torch.rand(3, 7, 7))).eval()
    fold_graph_convolutions(module)
    assert module[0] is gcn and isinstance(module[1], FoldedGraphConvolution)
    with pytest.raises(ValueError, match='without running statistics'):
        FoldedGraphConvolution(gcn)


@pytest.mark.parametrize('layout', layout_names())
def test_what_is_traced_is_the_model_on_every_layout(layout):
    layout = get_layout(layout)
    model = make_model(layout.name, layout.dims[-1], head=dict(in_channels=6), num_stages=1)
    clips = torch.randn(2, 2, 9, layout.num_joints, layout.dims[-1])
    with torch.no_grad():
        torch.testing.assert_close(
            ExportedRecognizer(model)(clips), model(clips), rtol=1e-4, atol=1e-4
        )


# A file differs in its number of joints and dimensions alone: the most joints, and the fewest.
@pytest.mark.parametrize('layout', ['uiprmd_vicon', 'penn_action'])
def test_the_file_has_the_joints_of_its_layout(layout):
    layout = get_layout(layout)
    model = make_model(layout.name, layout.dims[-1], head=dict(in_channels=6), num_stages=1)
    content = to_onnx(model, dict(streams='["joint"]'))
    check_sizes(model, content)
    file = onnx.load_from_string(content)
    onnx.checker.check_model(file, full_check=True)
    metadata = {entry.key: entry.value for entry in file.metadata_props}
    assert metadata.pop('partkd_version')
    assert json.loads(metadata.pop('joints')) == list(layout.joints)
    assert metadata == dict(
        layout=layout.name,
        channels=str(layout.dims[-1]),
        num_classes='5',
        kernel_frames='9',
        streams='["joint"]',
    )
    (keypoint,), (logits,) = file.graph.input, file.graph.output
    axes = [dim.dim_param or dim.dim_value for dim in keypoint.type.tensor_type.shape.dim]
    assert axes == ['clips', 'persons', 'frames', layout.num_joints, layout.dims[-1]]
    assert (keypoint.name, logits.name) == ('keypoint', 'logits')


def test_a_network_of_segments_is_exported():
    model = make_model(
        in_channels=7,
        neck=dict(num_segments=4, joint_reduce='visible'),
        head=dict(reads='segments', in_channels=4 * 5 * 12),
    )
    check_sizes(model, to_onnx(model, {}))


# ---------------------------------------------------------------- what cannot be exported


class Stubborn(nn.Module):
    """A backbone that looks at its input, or takes a size for a constant."""

    def __init__(self, graph_cfg: dict, why: str, in_channels: int = 3) -> None:
        super().__init__()
        self.why = why
        self.conv = nn.Conv2d(in_channels, 12, 1)

    def forward(self, x):
        clips, persons = x.shape[:2]
        x = self.conv(x.flatten(0, 1).permute(0, 3, 1, 2))
        if self.why == 'values' and x.mean() > 0:
            x = -x
        if self.why == 'size':
            x = x * torch.ones(len(x), 1, 1, 1)
        return x.unflatten(0, (clips, persons))


@pytest.mark.parametrize(
    'why, message',
    [
        ('values', 'Stubborn cannot be exported: .*data-dependent.* may not depend on the values'),
        ('size', r'Stubborn was exported and fails at \(clips, persons, frames\) = .*len\(x\)'),
    ],
)
def test_a_backbone_that_cannot_be_exported_is_named(why, message):
    MODELS.register_module(module=Stubborn)
    try:
        model = SkeletonRecognizer(
            backbone=dict(type='Stubborn', why=why),
            cls_head=dict(type='SkeletonHead', num_classes=5, in_channels=12),
        )
        with pytest.raises(RuntimeError, match=message):
            to_onnx(model, {})
    finally:
        MODELS.module_dict.pop('Stubborn')


def test_other_outputs_are_an_error(monkeypatch):
    def spoil(model):
        model.backbone.gcn[1].gcn.conv.bias += 0.5

    monkeypatch.setattr(exported_recognizer, 'fold_graph_convolutions', spoil)
    with pytest.raises(RuntimeError, match=r'STGCN was exported and differs by .*, so no file is'):
        to_onnx(make_model(), {})


def test_a_recogniser_of_mmaction2_is_refused():
    with pytest.raises(TypeError, match="not a Linear: set model.type='SkeletonRecognizer'"):
        to_onnx(nn.Linear(2, 2), {})


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(onnx_file, 'PACKAGES', ('onnx', 'no_such_one', 'nor_this'))
    with pytest.raises(ImportError, match=r'no_such_one and nor_this .*pip install -e "\.\[export'):
        to_onnx(make_model(), {})
