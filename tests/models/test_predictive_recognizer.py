"""PE-GCN: one network reads clean and noisy clips, and one is predicted of the other."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.device import get_device

from partkd import apis
from partkd.models import PredictiveRecognizer, to_onnx
from partkd.structures import SkeletonBatch

DEVICE = get_device()
CHANNELS = 8
SETTINGS = dict(
    backbone=dict(
        type='STGCN', base_channels=CHANNELS, num_stages=2, inflate_stages=[], down_stages=[2]
    ),
    cls_head=dict(type='SkeletonHead', num_classes=3, in_channels=CHANNELS),
)


@pytest.fixture
def model() -> PredictiveRecognizer:
    torch.manual_seed(0)
    return PredictiveRecognizer(**copy.deepcopy(SETTINGS)).to(DEVICE)


def clips(*sizes):
    return [torch.randn(m, t, 17, 3, device=DEVICE) for m, t in sizes]


def samples(labels, paired):
    made = [ActionDataSample().set_gt_label(label) for label in labels]
    for sample, is_paired in zip(made, paired, strict=True):
        sample.set_field(is_paired, 'paired', field_type='metainfo')
    return made


def collate(model, some) -> SkeletonBatch:
    return model.data_preprocessor.collate(some)


def test_padding_changes_neither_prediction_nor_losses(model):
    """Of a person that is not there, and of frames that are not, the recurrent unit sees none."""
    model.eval()
    some = clips((1, 9), (2, 7), (1, 1))
    batch = collate(model, some)
    wide = SkeletonBatch(
        F.pad(batch.keypoint, (0, 0, 0, 0, 0, 9, 0, 1)),
        F.pad(batch.frame_mask, (0, 9)),
        F.pad(batch.person_mask, (0, 1)),
    )
    alone = torch.cat([model(clip[None]) for clip in some])
    torch.testing.assert_close(model(batch), alone)
    torch.testing.assert_close(model(wide), alone)
    labelled = samples([0, 1, 2], [True] * 3)
    first = model(batch, labelled, mode='loss', teacher_inputs=batch)
    second = model(wide, labelled, mode='loss', teacher_inputs=wide)
    for name, value in first.items():
        torch.testing.assert_close(second[name], value, msg=name)


def test_losses_are_those_of_a_loop_over_clips(model):
    """Clip by clip: three cross entropies, and the coding of each pair against all clean clips."""
    model.eval()
    noisy, clean = clips((1, 6), (2, 6), (1, 5)), clips((1, 6), (2, 4))
    labels, paired = [2, 0, 1], [True, False, True]
    out = model(
        collate(model, noisy),
        samples(labels, paired),
        mode='loss',
        teacher_inputs=collate(model, clean),
    )

    def of_persons(clip):
        z = model.extract_feat(clip[None], stage='backbone')[0]
        return z.mean((2, 3))

    def entropy(vectors, targets):
        scores = [model.cls_head.fc(vector) for vector in vectors]
        return F.cross_entropy(torch.stack(scores), torch.tensor(targets, device=DEVICE))

    predicted = [model.predictor(of_persons(clip)[None])[0][0].mean(0) for clip in noisy]
    vectors = [[of_persons(clip).mean(0) for clip in side] for side in (noisy, clean)]
    torch.testing.assert_close(out['loss_cls'], entropy(predicted, labels))
    torch.testing.assert_close(out['loss_cls_noisy'], entropy(vectors[0], labels))
    torch.testing.assert_close(out['loss_cls_clean'], entropy(vectors[1], [2, 1]))
    coding = []
    for row, own in ((0, 0), (2, 1)):
        for place, vector in enumerate(vectors[1]):
            share = float((predicted[row] @ vector).detach().sigmoid())
            coding.append(-math.log(share if place == own else 1 - share))
    assert out['loss_coding'].item() == pytest.approx(0.1 * sum(coding) / 4, rel=1e-4)


def test_all_weights_learn_and_so_does_what_is_made_of_clean_clips(model):
    model.train()
    batch = collate(model, clips((2, 6), (2, 6)))
    clean = SkeletonBatch(torch.randn(2, 2, 6, 17, 3, device=DEVICE, requires_grad=True))
    out = model(batch, samples([0, 1], [True, True]), mode='loss', teacher_inputs=clean)
    (touched,) = torch.autograd.grad(out['loss_coding'], clean.keypoint, retain_graph=True)
    assert touched.ne(0).any()
    total, log = model.parse_losses(out)
    assert {'loss_cls', 'loss_cls_noisy', 'loss_cls_clean', 'loss_coding', 'top1_acc'} <= set(log)
    total.backward()
    for name, weight in model.named_parameters():
        assert weight.grad.isfinite().all() and weight.grad.ne(0).any(), name


def test_without_pairs_it_learns_from_the_noisy_clips(model):
    model.train()
    out = model(collate(model, clips((1, 6), (1, 6))), samples([0, 1], [False, False]), mode='loss')
    assert out['loss_cls_clean'] == out['loss_coding'] == 0
    model.parse_losses(out)[0].backward()
    assert all(weight.grad.isfinite().all() for weight in model.parameters())


def test_a_test_classifies_the_prediction(model):
    model.eval()
    batch = collate(model, clips((1, 6), (2, 4)))
    features = model(batch, stage='neck')
    torch.testing.assert_close(model.cls_head(features), model(batch))
    assert features.pooled.shape == (2, CHANNELS) and features.pooled.abs().max() <= 1
    scores = model(batch, samples([0, 1], [False, False]), mode='predict')
    expected = model(batch).softmax(-1)
    torch.testing.assert_close(torch.stack([one.pred_score for one in scores]), expected)


def test_it_becomes_an_onnx_file(recwarn):
    backbone = SETTINGS['backbone'] | dict(num_stages=1, down_stages=[])
    to_onnx(PredictiveRecognizer(**SETTINGS | dict(backbone=backbone)), {})
    assert not [warning for warning in recwarn if '_flat_weights' in str(warning.message)]


def test_what_is_wrong_is_named(model):
    batch, labelled = collate(model, clips((1, 6))), samples([0], [True])
    with pytest.raises(ValueError, match='1 clips have a pair but 0 clean .*load_teacher=True'):
        model(batch, labelled, mode='loss')
    other = SkeletonBatch(torch.zeros(1, 1, 6, 20, 3, device=DEVICE))
    with pytest.raises(ValueError, match=r'\(20, 3\), noisy ones \(17, 3\).*MapToUnion'):
        model(batch, labelled, mode='loss', teacher_inputs=other)
    with pytest.raises(ValueError, match='have no label'):
        model(batch, [ActionDataSample()], mode='loss')
    segments = dict(type='SkeletonHead', num_classes=3, in_channels=40, reads='segments')
    with pytest.raises(ValueError, match="cls_head.reads is 'segments': set cls_head.reads='pool"):
        MODELS.build(dict(SETTINGS, type='PredictiveRecognizer', cls_head=segments))


STEPS = [
    dict(type='SkeletonStreams', streams=['joint']),
    dict(type='UniformSampleSkeleton', clip_len=8),
    dict(type='PackSkeletonInputs'),
]
OCCLUSION = [dict(type='JointOcclusion', prob=0.0)]
IN_2D = [dict(type='NormalizePose2D', mode='body')]
UNION = [dict(type='MapToUnion')]
# By name: layout of the model, what comes behind occlusion, the clean side.
PAIRS = {
    'of one file': (
        'coco',
        [],
        dict(ann_file='low.pkl', layout='coco', pipeline=IN_2D + STEPS),
    ),
    'of two graphs': (
        'union',
        UNION,
        dict(
            ann_file='high.pkl',
            layout='kinect_v1',
            pipeline=[dict(type='ProjectPose'), *IN_2D, *UNION, *STEPS],
        ),
    ),
}


def training_config(configs, pair):
    layout, behind, clean = PAIRS[pair]
    cfg = apis.load_config(configs / 'teacher_low.py')
    cfg.model.update(type='PredictiveRecognizer', layout=layout)
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        loader.dataset.pipeline = IN_2D + OCCLUSION + behind + STEPS
    cfg.train_dataloader.dataset.update(teacher=clean, load_teacher=True)
    cfg.train_cfg.max_epochs = 2
    return cfg


@pytest.mark.parametrize('pair', PAIRS)
def test_a_training(pair, configs, tmp_path):
    """Two epochs by the runner, the noise being occlusion, or another sensor with it."""
    cfg = training_config(configs, pair)
    trained = apis.train(cfg, work_dir=tmp_path / 'run', degrade=['joints:prob=0.3'])
    assert isinstance(trained, PredictiveRecognizer)
    result = apis.test(cfg, tmp_path / 'run' / 'epoch_2.pth', work_dir=tmp_path / 'test')
    assert 0 <= result['acc/top1'] <= 1


def test_a_training_without_clean_clips_is_refused(configs, tmp_path):
    cfg = training_config(configs, 'of one file')
    cfg.train_dataloader.dataset.load_teacher = False
    with pytest.raises(ValueError, match='come without them: set .*load_teacher=True'):
        apis.train(cfg, work_dir=tmp_path)
    cfg.train_dataloader.dataset.teacher = None
    with pytest.raises(ValueError, match=r'low\.pkl.* has no high-quality side'):
        apis.train(cfg, work_dir=tmp_path)
