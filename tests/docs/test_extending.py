"""What docs/extending.md shows does what it says."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.optim import OptimWrapper
from mmengine.runner import save_checkpoint

from partkd.datasets import load_annotations
from partkd.datasets.converters import CONVERTERS, convert
from partkd.structures import SkeletonFeatures, TeacherFeatures

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / 'docs' / 'extending.md'


def run_section(title: str) -> dict:
    """Execute the code of one section and return its names."""
    section = PAGE.read_text().split(f'## {title}\n')[1].split('\n## ')[0]
    names = {}
    for block in re.findall(r'```python\n(.*?)```', section, re.S):
        exec(block, names)
    return names


@pytest.fixture
def forget_registered():
    """Leaves the registry as it was."""
    before = dict(MODELS.module_dict)
    yield
    for name in set(MODELS.module_dict) - set(before):
        MODELS.module_dict.pop(name)


def test_a_layout_trains_through_the_model():
    layout = run_section('A layout')['upper_body']
    model = MODELS.build(
        dict(
            type='SkeletonRecognizer',
            layout=layout,
            backbone=dict(type='STGCN', base_channels=4, num_stages=2),
            cls_head=dict(type='SkeletonHead', num_classes=3, in_channels=4),
        )
    )
    features = model.extract_feat(torch.randn(2, 1, 8, layout.num_joints, 3))[0]
    assert features.parts.shape == (2, 5, 4)


def test_a_data_set_is_converted(tmp_path, monkeypatch):
    monkeypatch.setattr(CONVERTERS, '_module_dict', dict(CONVERTERS.module_dict))
    run_section('A data set')
    for name, columns in (('wave_anna_01', 60), ('clap_carl_01', 60), ('clap_ben_02', 59)):
        np.savetxt(tmp_path / f'{name}.csv', np.ones((4, columns)), delimiter=',')
    summary = convert('our_laboratory', tmp_path, tmp_path / 'ours.pkl')
    assert summary.split == dict(xsub_train=['wave_anna_01'], xsub_val=['clap_carl_01'])
    assert 'clap_ben_02.csv' in summary.faults[0][0]
    content = load_annotations(tmp_path / 'ours.pkl')
    assert [clip['label'] for clip in content['annotations']] == [1, 0]


def test_a_backbone_is_blind_to_padding(forget_registered):
    model = MODELS.build(run_section('A backbone')['student']).eval()
    torch.nn.init.normal_(model.backbone.stem[1].bias)
    clips = [torch.randn(1, 12, 17, 3), torch.randn(2, 20, 17, 3)]
    with torch.no_grad():
        together = model.extract_feat(model.data_preprocessor.collate(clips))[0].parts
        alone = model.extract_feat(clips[0][None])[0].parts
    torch.testing.assert_close(together[:1], alone)


def test_base_models_are_as_large_as_the_page_says():
    rows = re.findall(r'^\| `(\w+\.py)` \| .+ \| `(\w+)` \| ([\d.]+) M \|$', PAGE.read_text(), re.M)
    assert len(rows) >= 4
    for name, backbone, millions in rows:
        model = Config.fromfile(ROOT / 'configs' / 'partkd' / '_base_' / 'models' / name).model
        model = MODELS.build(dict(model, layout='nturgb+d'))
        assert type(model.backbone).__name__ == backbone
        assert f'{sum(weight.numel() for weight in model.parameters()) / 1e6:.2f}' == millions


def test_another_objective_trains_an_encoder_from_which_a_recogniser_starts(
    forget_registered, tmp_path
):
    config = run_section('A model with another objective')['model']
    model = MODELS.build(config)
    before = model.encoder.backbone.gcn[0].gcn.conv.weight.detach().clone()
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1))
    clips = [torch.randn(1, 8, 17, 3), torch.randn(2, 9, 17, 3)]
    model.train_step(dict(inputs=clips), wrapper)
    trained = model.encoder.backbone.gcn[0].gcn.conv.weight
    assert not torch.equal(trained, before)
    file = str(tmp_path / 'halves.pth')
    save_checkpoint(dict(state_dict=model.state_dict()), file)
    recognizer = dict(config['encoder'], type='SkeletonRecognizer')
    init_cfg = dict(type='Pretrained', checkpoint=file, prefix='encoder.backbone.')
    recognizer['backbone'] = dict(recognizer['backbone'], init_cfg=init_cfg)
    recognizer['cls_head'] = dict(type='SkeletonHead', num_classes=3, in_channels=8)
    recognizer = MODELS.build(recognizer)
    recognizer.init_weights()
    assert torch.equal(recognizer.backbone.gcn[0].gcn.conv.weight, trained)


def test_a_loss_pulls_parts_together(forget_registered):
    loss = MODELS.build(run_section('A loss')['losses'][0])
    parts = torch.randn(3, 5, 4, requires_grad=True)
    teacher = TeacherFeatures(
        parts=torch.randn(2, 5, 4),
        labels=torch.tensor([0, 1]),
        pair=torch.tensor([1, -1, 0]),
    )
    out = loss(
        SkeletonFeatures(parts=parts).only(loss.reads, 'PartDistanceLoss'),
        teacher,
        torch.tensor([1, 2, 0]),
    )
    expected = ((parts[0] - teacher.parts[1]) ** 2 + (parts[2] - teacher.parts[0]) ** 2).sum() / 40
    torch.testing.assert_close(out['loss_part_distance'], 2 * expected)
    out['loss_part_distance'].backward()
    assert (parts.grad[1] == 0).all()
    assert (parts.grad[0] != 0).all()
