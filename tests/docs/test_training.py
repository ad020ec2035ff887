"""What docs/training.md says of mmaction2's checkpoints."""

import re
from pathlib import Path

import torch
from mmaction.registry import MODELS
from mmengine.registry import DefaultScope

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'training.md'


def test_a_teacher_takes_mmaction2s_ten_stages():
    (code,) = re.findall(r'```python\n(.*?)```', PAGE.read_text(), flags=re.DOTALL)
    cfg: dict = {}
    exec(code, cfg)
    theirs = dict(
        type='RecognizerGCN',
        backbone=dict(type='STGCN', graph_cfg=dict(layout='nturgb+d', mode='stgcn_spatial')),
        cls_head=dict(type='GCNHead', num_classes=60, in_channels=256),
    )
    with DefaultScope.overwrite_default_scope('mmaction'):
        theirs, ours = (MODELS.build(model).eval() for model in (theirs, cfg['model']))
    ours.load_state_dict(theirs.state_dict(), strict=True)
    clips = torch.randn(2, 1, 2, 20, 25, 3)
    with torch.no_grad():
        expected = theirs(clips, mode='tensor', stage='head')
        torch.testing.assert_close(ours(clips[:, 0], mode='tensor'), expected)
