"""An encoder alone: built, run, and trained by an objective that knows of no labels."""

import pickle

import numpy as np
import pytest
import torch
from mmaction.registry import MODELS
from mmengine.runner import Runner, load_checkpoint

from partkd.models import GroupedLossModel, SkeletonEncoder, SkeletonRecognizer
from partkd.structures import SkeletonBatch

SMALL = dict(type='STGCN', base_channels=6, num_stages=3, inflate_stages=[2], down_stages=[3])


@MODELS.register_module()
class TwoViews(GroupedLossModel):
    """Two halves of a clip should be alike, and not all clips the same."""

    def __init__(self, encoder: dict) -> None:
        encoder = MODELS.build(encoder)
        super().__init__(encoder.data_preprocessor)
        self.encoder = encoder

    def forward(self, inputs, data_samples=None, mode='tensor', **kwargs):
        features = self.encoder(inputs)
        if mode != 'loss':
            return features
        one, other = features.segments.unbind(1)
        return dict(
            loss_alike=(one - other).square().mean(), loss_spread=(-features.pooled.var(0)).exp()
        )


def test_names_of_weights_are_those_of_mmaction2s_recognisers():
    encoder = SkeletonEncoder(backbone=SMALL)
    head = dict(type='SkeletonHead', num_classes=3, in_channels=12)
    recognizer = SkeletonRecognizer(backbone=SMALL, cls_head=head)
    names = set(encoder.state_dict())
    assert {name.split('.')[0] for name in names} == {'backbone'}
    assert set(recognizer.state_dict()) - names == {'cls_head.fc.weight', 'cls_head.fc.bias'}
    recognizer.load_state_dict(encoder.state_dict(), strict=False)
    clips = torch.randn(2, 1, 8, 17, 3)
    for model in (encoder, recognizer):
        model.eval()
    reads = ('joints',)
    mine, theirs = encoder(clips, reads=reads), recognizer.extract_feat(clips, reads=reads)[0]
    for name in ('joints', 'parts', 'segments', 'pooled'):
        assert torch.equal(getattr(mine, name), getattr(theirs, name))
    assert torch.equal(recognizer(clips), recognizer.cls_head(mine))
    assert encoder(clips, stage='backbone').shape == (2, 12, 4, 17)


def test_an_encoder_has_neither_loss_nor_predictions():
    for mode in ('loss', 'predict'):
        with pytest.raises(ValueError, match=f"SkeletonEncoder has no head, .* mode '{mode}'"):
            SkeletonEncoder(backbone=SMALL)(torch.randn(1, 1, 8, 17, 3), mode=mode)


@pytest.mark.parametrize('masked', [False, True])
def test_a_training_batch_of_one_person_in_one_frame_is_named(masked):
    encoder = SkeletonEncoder(backbone=SMALL)
    clip = torch.randn(1, 1, 3 if masked else 1, 17, 3)
    mask = torch.tensor([[True, False, False]]) if masked else None
    batch = SkeletonBatch(clip, frame_mask=mask)
    with pytest.raises(ValueError, match='one person in one frame.*batch_size to 2 or more'):
        encoder.train()(batch)
    assert torch.isfinite(encoder.eval()(batch).pooled).all()
    for module in encoder.train().modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.eval()  # frozen
    assert torch.isfinite(encoder(batch).pooled).all()
    assert torch.isfinite(SkeletonEncoder(backbone=SMALL)(clip.repeat(2, 1, 1, 1, 1)).pooled).all()


def test_an_objective_without_labels_trains_it(tmp_path):
    rng = np.random.default_rng(0)
    clips = [
        dict(
            frame_dir=f'clip_{i}',
            total_frames=8 + i,
            keypoint=rng.normal(size=(1 + i % 2, 8 + i, 17, 2)).astype('f4'),
        )
        for i in range(6)
    ]
    file = tmp_path / 'unlabelled.pkl'
    file.write_bytes(pickle.dumps(clips))
    pipeline = [dict(type='NormalizePose2D'), dict(type='SkeletonStreams', with_score=True)]
    dataset = dict(
        type='PairedPoseDataset',
        ann_file=str(file),
        pipeline=[*pipeline, dict(type='PackSkeletonInputs')],
        require_labels=False,
    )
    encoder = dict(type='SkeletonEncoder', backbone=SMALL, neck=dict(num_segments=2))
    runner = Runner(
        model=dict(type='TwoViews', encoder=encoder),
        work_dir=str(tmp_path),
        train_dataloader=dict(
            batch_size=3, dataset=dataset, sampler=dict(type='DefaultSampler', shuffle=True)
        ),
        train_cfg=dict(by_epoch=True, max_epochs=2),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)),
        default_scope='mmaction',
        experiment_name='an_encoder_alone',
        randomness=dict(seed=0),
        log_level='WARNING',
    )
    before = {name: value.clone() for name, value in runner.model.state_dict().items()}
    runner.train()
    after = runner.model.state_dict()
    assert not torch.equal(
        after['encoder.backbone.gcn.0.gcn.conv.weight'],
        before['encoder.backbone.gcn.0.gcn.conv.weight'],
    )
    again = MODELS.build(dict(type='TwoViews', encoder=encoder))
    load_checkpoint(again, str(tmp_path / 'epoch_2.pth'), strict=True)
    clip = torch.randn(1, 1, 8, 17, 3)
    pooled = [model.eval()(clip).pooled for model in (runner.model, again)]
    assert torch.equal(*pooled)
