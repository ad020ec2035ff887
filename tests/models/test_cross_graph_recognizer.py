"""After the abstract of GC-GRL: two graphs, two domains, one network."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from mmaction.structures import ActionDataSample

from partkd.layouts import get_layout, layout_names, named_map
from partkd.models import CrossGraphRecognizer, to_onnx
from partkd.models.layers import DomainClassifier, reverse_gradient
from partkd.models.recognizers.cross_graph_recognizer import reversal_schedule
from partkd.structures import SkeletonBatch

SETTINGS = dict(
    backbone=dict(type='STGCN', base_channels=8, num_stages=2, inflate_stages=[], down_stages=[2]),
    cls_head=dict(type='SkeletonHead', num_classes=3, in_channels=8),
    source_layout='kinect_v1',
)


@pytest.fixture
def model() -> CrossGraphRecognizer:
    torch.manual_seed(0)
    return CrossGraphRecognizer(**copy.deepcopy(SETTINGS))


def samples(labels, of_source):
    made = [ActionDataSample() for _ in of_source]
    for sample, label, other in zip(made, labels, of_source, strict=True):
        if label is not None:
            sample.set_gt_label(label)
        sample.set_field(other, 'source_label', field_type='metainfo')
    return made


def batches(model):
    """Clips of unlike lengths and persons: three of the target, three of the source."""
    target = [torch.randn(m, t, 17, 3) for m, t in ((1, 6), (2, 9), (1, 7))]
    source = [torch.randn(m, t, 20, 3) for m, t in ((1, 11), (1, 5), (1, 6))]
    return [model.data_preprocessor.collate(clips) for clips in (target, source)]


@pytest.mark.parametrize('source', layout_names())
def test_the_map_begins_with_what_names_say(source):
    """Rows sum to 1; a joint of both is itself; of others the joints of the same part count."""
    source, target = get_layout(source), get_layout('coco')
    weights = torch.from_numpy(named_map(source, target))
    torch.testing.assert_close(weights.sum(1), torch.ones(17))
    for joint, name in enumerate(target.joints):
        used = weights[joint].nonzero().flatten().tolist()
        if name in source.joints:
            assert used == [source.joints.index(name)]
        else:
            assert used == sorted(source.parts[target.part_of(joint)])


def test_the_map_is_a_sum_over_joints(model):
    keypoint = torch.randn(2, 1, 4, 20, 3)
    mapped = model.graph_map(keypoint)
    weights = model.graph_map.weight
    expected = sum(weights[5, joint] * keypoint[..., joint, :] for joint in range(20))
    torch.testing.assert_close(mapped[..., 5, :], expected)


def test_the_gradient_is_reversed():
    x = torch.randn(4, requires_grad=True)
    y = reverse_gradient(x, 0.3)
    assert torch.equal(y, x)
    (y * torch.arange(4)).sum().backward()
    torch.testing.assert_close(x.grad, -0.3 * torch.arange(4))


def test_domains_are_learned_by_the_classifier_and_unlearned_by_features():
    torch.manual_seed(0)
    classifier = DomainClassifier(5)
    features = torch.randn(6, 5, requires_grad=True)
    is_source = torch.tensor([0, 1, 1, 0, 0, 1]).bool()
    loss, accuracy = classifier.loss(features, is_source, 0.5)
    logits = classifier(features)[:, 0]
    expected = F.binary_cross_entropy_with_logits(logits, is_source.float())
    torch.testing.assert_close(loss, expected)
    assert accuracy == ((logits > 0) == is_source).float().mean()
    ours = torch.autograd.grad(loss, [features, *classifier.parameters()], retain_graph=True)
    plain = torch.autograd.grad(expected, [features, *classifier.parameters()])
    torch.testing.assert_close(ours[0], -0.5 * plain[0])
    for one, other in zip(ours[1:], plain[1:], strict=True):
        torch.testing.assert_close(one, other)


def test_the_schedule_is_that_of_dann():
    assert reversal_schedule(0) == 0
    assert reversal_schedule(0.5) == pytest.approx(2 / (1 + math.exp(-5)) - 1)
    assert reversal_schedule(1) == pytest.approx(0.9999, abs=1e-4)


def test_losses_are_those_of_each_clip(model):
    """Without a batch's statistics each clip can be computed alone."""
    model.eval()
    target, source = batches(model)
    labels, of_source = [2, None, 0], [1, 0, 2]
    out = model(target, samples(labels, of_source), mode='loss', teacher_inputs=source)
    mapped = SkeletonBatch(model.graph_map(source.keypoint), source.frame_mask, source.person_mask)
    own, others = model(target), model(mapped)
    expected = F.cross_entropy(own[[0, 2]], torch.tensor([2, 0]))
    torch.testing.assert_close(out['loss_cls'], expected)
    torch.testing.assert_close(
        out['loss_cls_source'], F.cross_entropy(others, torch.tensor(of_source))
    )
    pooled = torch.cat([model.extract_feat(one)[0].pooled for one in (target, mapped)])
    is_source = torch.arange(6) >= 3
    expected, accuracy = model.domain_classifier.loss(pooled, is_source, 1.0)
    torch.testing.assert_close(out['loss_domain'], expected)
    assert out['domain_acc'] == accuracy


def test_a_target_without_labels_learns_from_the_source(model):
    target, source = batches(model)
    out = model(target, samples([None] * 3, [0, 1, 2]), mode='loss', teacher_inputs=source)
    assert out['loss_cls'] == 0 and out['loss_cls_source'] > 0
    sum(value for name, value in out.items() if 'loss' in name).backward()
    assert model.graph_map.weight.grad.abs().sum() > 0
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_without_reversal_features_do_not_know_of_domains(model):
    model.reversal_weight = 0.0
    target, source = batches(model)
    out = model(target, samples([0, 1, 2], [0, 1, 2]), mode='loss', teacher_inputs=source)
    out['loss_domain'].backward()
    assert model.backbone.gcn[0].gcn.conv.weight.grad.abs().sum() == 0
    assert model.domain_classifier[0].weight.grad.abs().sum() > 0


def test_joined_batches_are_padded_and_marked():
    first = SkeletonBatch(torch.ones(2, 1, 3, 17, 3))
    second = SkeletonBatch(torch.ones(1, 2, 5, 17, 3), torch.tensor([[1, 1, 1, 1, 0]]).bool())
    both = SkeletonBatch.joined([first, second])
    assert both.keypoint.shape == (3, 2, 5, 17, 3)
    assert both.frame_mask.int().tolist() == [[1, 1, 1, 0, 0]] * 2 + [[1, 1, 1, 1, 0]]
    assert both.person_mask.int().tolist() == [[1, 0], [1, 0], [1, 1]]
    assert both.keypoint[:2, 1].abs().sum() == both.keypoint[:2, :, 3:].abs().sum() == 0


@pytest.mark.parametrize(
    'source, message',
    [
        (None, 'came with 0 source clips: set .*CrossGraphDataset'),
        (SkeletonBatch(torch.ones(2, 1, 5, 20, 3)), 'came with 2 source clips'),
        (SkeletonBatch(torch.ones(3, 1, 5, 25, 3)), '25 joints .*has 20.*set model.source_layout'),
        (SkeletonBatch(torch.ones(3, 1, 5, 20, 2)), 'and 2 channels.*ProjectPose'),
    ],
)
def test_what_is_no_source(model, source, message):
    target, _ = batches(model)
    with pytest.raises(ValueError, match=message):
        model(target, samples([0] * 3, [0] * 3), mode='loss', teacher_inputs=source)


def test_the_target_alone_is_predicted_and_exported(model):
    model.eval()
    target, _ = batches(model)
    assert model(target).shape == (3, 3)
    assert len(model(target, samples([0] * 3, [0] * 3), mode='predict')) == 3
    assert to_onnx(model, {})
