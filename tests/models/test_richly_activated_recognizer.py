"""RA-GCN: each stream sees what those before it have not looked at."""

import copy

import pytest
import torch
import torch.nn.functional as F
from mmaction.structures import ActionDataSample
from mmengine.device import get_device

from partkd import apis
from partkd.models import RichlyActivatedRecognizer, SkeletonRecognizer
from partkd.models.layers import activated_joints, per_frame
from partkd.structures import SkeletonBatch

DEVICE = get_device()
CHANNELS, CLASSES = 6, 3
SETTINGS = dict(
    backbone=dict(
        type='STGCN', base_channels=CHANNELS, num_stages=2, inflate_stages=[], down_stages=[2]
    ),
    cls_head=dict(type='SkeletonHead', num_classes=CLASSES, in_channels=CHANNELS),
)


def make(kind=RichlyActivatedRecognizer, **settings):
    torch.manual_seed(0)
    model = kind(**copy.deepcopy(SETTINGS) | settings).to(DEVICE)
    with torch.no_grad():
        model.cls_head.fc.weight.normal_()
    return model


def clips(*sizes):
    return [torch.randn(m, t, 17, 3, device=DEVICE) for m, t in sizes]


def samples(labels):
    return [ActionDataSample().set_gt_label(label) for label in labels]


def test_activated_joints_by_hand():
    """One clip of two persons in two steps of two joints: maps of 0 .. 4, half of it is 2."""
    maps = torch.tensor([[[0.0, 1.0], [2.0, 3.0]], [[4.0, 2.0], [2.5, 0.0]]], device=DEVICE)
    z = torch.stack([maps, torch.ones_like(maps)], 1)
    batch = SkeletonBatch(torch.zeros(1, 2, 3, 2, 1, device=DEVICE))
    weights = torch.tensor([[1.0, 7.0]], device=DEVICE)  # what all joints share tells nothing
    found = activated_joints(z, weights, batch, 0.5)
    expected = [[[False, False], [False, True]], [[True, False], [True, False]]]
    assert found.tolist() == expected
    assert not activated_joints(z, 0 * weights, batch, 0.5).any()
    frames = per_frame(found, 3, 2)
    assert torch.equal(frames, found[:, [0, 0, 1]])


def test_each_clip_has_a_scale_of_its_own_and_padding_has_none():
    torch.manual_seed(0)
    z = torch.randn(3, CHANNELS, 2, 5, device=DEVICE)
    weights = torch.randn(2, CHANNELS, device=DEVICE)
    frames = torch.tensor([[True] * 4, [True, True, False, False]], device=DEVICE)
    persons = torch.tensor([[True, True], [True, False]], device=DEVICE)
    batch = SkeletonBatch(torch.zeros(2, 2, 4, 5, 1, device=DEVICE), frames, persons)
    found = activated_joints(z, weights, batch, 0.3)
    z[2, :, 1] = 1e3  # a step that is padding
    torch.testing.assert_close(activated_joints(z, weights, batch, 0.3)[:, :1], found[:, :1])
    for rows, weight, steps in (([0, 1], weights[0], 2), ([2], weights[1], 1)):
        maps = torch.einsum('pctv,c->ptv', z[rows, :, :steps], weight)
        share = (maps - maps.min()) / (maps.max() - maps.min())
        assert torch.equal(found[rows, :steps], share > 0.3)


def in_a_loop(model, clip, label=None):
    """Scores of one clip (M, T, V, C), stream by stream and joint by joint."""
    weights = model.cls_head.fc.weight.unflatten(1, (model.num_streams, CHANNELS))
    scores, seen = model.cls_head.fc.bias.clone(), clip.clone()
    for number, stream in enumerate([model, *model.later]):
        backbone = stream.backbone
        z = backbone(seen[None])[0]
        scores = scores + weights[:, number] @ z.mean((0, 2, 3))
        if number == len(model.later):
            return scores
        weight = weights[int(scores.argmax()) if label is None else label, number]
        maps = {
            (m, t, v): float(weight @ z[m, :, t, v])
            for m in range(z.shape[0])
            for t in range(z.shape[2])
            for v in range(z.shape[3])
        }
        low, high = min(maps.values()), max(maps.values())
        seen = seen.clone()
        for (m, t, v), value in maps.items():
            if value - low > model.threshold * (high - low):
                seen[m, 2 * t : 2 * t + 2, v] = 0


def test_scores_are_those_of_a_loop():
    model = make().eval()
    some = clips((1, 7), (2, 4), (1, 1))
    with torch.no_grad():
        expected = torch.stack([in_a_loop(model, clip) for clip in some])
        torch.testing.assert_close(model(model.data_preprocessor.collate(some)), expected)
        labels = [2, 0, 1]
        scores = torch.stack([in_a_loop(model, clip, k) for clip, k in zip(some, labels)])
        loss = F.cross_entropy(scores, torch.tensor(labels, device=DEVICE))
        batch = model.data_preprocessor.collate(some)
        out = model(batch, samples(labels), mode='loss')
    torch.testing.assert_close(out['loss_cls'], loss)


def test_padding_changes_nothing():
    model = make().eval()
    batch = model.data_preprocessor.collate(clips((1, 9), (2, 7), (1, 2)))
    wide = SkeletonBatch(
        F.pad(batch.keypoint, (0, 0, 0, 0, 0, 9, 0, 1)),
        F.pad(batch.frame_mask, (0, 9)),
        F.pad(batch.person_mask, (0, 1)),
    )
    with torch.no_grad():
        torch.testing.assert_close(model(wide), model(batch))
        losses = [model(one, samples([0, 1, 2]), mode='loss') for one in (wide, batch)]
    torch.testing.assert_close(losses[0]['loss_cls'], losses[1]['loss_cls'])


def test_persons_permute():
    model, clip = make().eval(), torch.randn(1, 2, 8, 17, 3, device=DEVICE)
    with torch.no_grad():
        torch.testing.assert_close(model(clip.flip(1)), model(clip))


def test_one_stream_is_a_plain_recogniser_and_a_threshold_of_1_hides_nothing():
    clip = torch.randn(2, 1, 8, 17, 3, device=DEVICE)
    plain, one = make(SkeletonRecognizer).eval(), make(num_streams=1).eval()
    one.load_state_dict(plain.state_dict())
    three = make(threshold=1.0).eval()
    with torch.no_grad():
        torch.testing.assert_close(one(clip), plain(clip))
        alone = [stream.extract_feat(clip, 'backbone')[0] for stream in three.later]
        together = three.extract_feat(clip, 'backbone')[0]
        torch.testing.assert_close(together[:, CHANNELS:], torch.cat(alone, 1))


def test_all_streams_learn():
    model = make().train()
    features = model(clips((1, 8))[0][None], stage='neck')
    assert features.pooled.shape == (1, 3 * CHANNELS) and features.parts.shape[-1] == 3 * CHANNELS
    batch = model.data_preprocessor.collate(clips((1, 8), (2, 6)))
    model(batch, samples([0, 1]), mode='loss')['loss_cls'].backward()
    for name, weight in model.named_parameters():
        assert weight.grad.isfinite().all() and weight.grad.ne(0).any(), name


@pytest.mark.parametrize(
    ('head', 'error'),
    [
        (dict(in_channels=30, reads='segments'), "cls_head.reads is 'segments'"),
        (dict(in_channels=3 * CHANNELS), 'in_channels is 18, and a stream has 6 .*made for all 3'),
    ],
)
def test_what_is_wrong_is_named(head, error):
    with pytest.raises(ValueError, match=error):
        make(cls_head=SETTINGS['cls_head'] | head)
    with pytest.raises(ValueError, match='have no label'):
        make()(clips((1, 8))[0][None], [ActionDataSample()], mode='loss')


def test_a_training(configs, tmp_path):
    cfg = apis.load_config(configs / 'teacher_low.py')
    cfg.model.type, cfg.train_cfg.max_epochs = 'RichlyActivatedRecognizer', 2
    trained = apis.train(cfg, work_dir=tmp_path / 'run')
    assert len(trained.later) == 2
    result = apis.test(cfg, tmp_path / 'run' / 'epoch_2.pth', work_dir=tmp_path / 'test')
    assert 0 <= result['acc/top1'] <= 1
