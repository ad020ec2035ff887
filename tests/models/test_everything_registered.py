"""One suite over every backbone, neck, head, loss and layout that is registered.

A class is taken in when it is registered: those of PartKD, and the GCNs of mmaction2. How to build
it stands in one of the tables below; a class without an entry fails, and the message says where it
belongs.
"""

import copy
import inspect
from functools import partial

import onnxruntime
import pytest
import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.device import get_device
from torch import nn

from partkd.layouts import get_layout, layout_names
from partkd.models import SkeletonRecognizer, to_onnx
from partkd.structures import SkeletonBatch, SkeletonFeatures, TeacherFeatures

DEVICE = get_device()
randn, tensor = (partial(make, device=DEVICE) for make in (torch.randn, torch.tensor))
CHANNELS, CLASSES = 24, 5
SMALL = dict(base_channels=12, num_stages=4, inflate_stages=[3], down_stages=[3, 4])

# Two clues of half the channels each.
CLUES = dict(in_channels=CHANNELS, width=CHANNELS // 2, num_heads=3, num_steps=4)
EFFICIENT = dict(
    in_channels=3, stem_channels=8, branch_channels=[8, 4], main_channels=[12, CHANNELS]
)

# By name of the class: settings to build it with, by name of the case. A backbone ends at CHANNELS.
BACKBONES = {
    'STGCN': {
        'ST-GCN': SMALL,
        'ST-GCN++': dict(
            SMALL,
            graph_cfg=dict(mode='spatial'),
            gcn_adaptive='init',
            gcn_with_res=True,
            tcn_type='mstcn',
        ),
    },
    'MaskedAAGCN': {
        'AAGCN': SMALL,
        'Js-AGCN': dict(SMALL, gcn_attention=False),
        'AAGCN of a fixed graph': dict(SMALL, gcn_adaptive=False, data_bn_type=None),
    },
    'MaskedAGCN': {'Js-AGCN': dict(SMALL, graph_cfg=dict(mode='spatial'))},
    'MaskedCTRGCN': {'CTR-GCN': dict(SMALL, graph_cfg=dict(mode='spatial'))},
    'MaskedEfficientGCN': {
        'SG': dict(EFFICIENT, depths=[1, 0, 2, 1]),
        'Sep': dict(EFFICIENT, temporal='sep'),
    },
    'MaskedPAResGCN': {
        'PA-ResGCN': dict(in_channels=3, base_channels=6, num_blocks=[2, 1, 2]),
    },
    'MaskedPRGCN': {'PR-GCN': dict(in_channels=3, base_channels=CHANNELS // 4)},
    'TwinNetwork': {
        'two CTR-GCNs': dict(
            graph_cfg=dict(mode='spatial'),
            backbone=dict(
                type='MaskedCTRGCN',
                base_channels=CHANNELS // 2,
                num_stages=3,
                inflate_stages=[],
                down_stages=[2, 3],
            ),
        ),
    },
}
# Those that heed no frame mask: they take clips of one length.
BLIND_TO_PADDING = {
    'AAGCN': {
        'AAGCN': dict(SMALL, data_bn_type='VC'),
        'Js-AGCN': dict(SMALL, data_bn_type='VC', gcn_attention=False),
    },
}
# (joints, batch) to features.
NECKS = {
    'PartPooling': {
        'parts': {},
        'trunk': dict(trunk='head'),
        'visible segments': dict(joint_reduce='visible', num_segments=2),
    },
    'CluePooling': {
        'of parts': dict(CLUES, trunk='head'),
        'of joints, branch by branch': dict(CLUES, units='joints', separate=True, num_steps=3),
    },
}
# Features to features.
ADAPTERS = {'PartAdapter': {'wider': dict(in_channels=CHANNELS, out_channels=32)}}
HEADS = {
    'SkeletonHead': {
        'pooled': dict(num_classes=CLASSES, in_channels=CHANNELS),
        'segments': dict(num_classes=CLASSES, in_channels=3 * 5 * CHANNELS, reads='segments'),
    },
}
LOSSES = {
    'PMSCLoss': {'parts': {}, 'segments': dict(reads='segments', temperature=0.5)},
    'GlobalMSCLoss': {'default': {}},
    'KLLoss': {'default': {}},
    'GraphMatchingLoss': {'default': {}},
    'PredictiveCodingLoss': {'default': {}},
}
# Those of a query, its key and other keys.
CONTRASTS = {'InfoNCELoss': {'default': {}, 'sharp': dict(temperature=0.07, loss_weight=2.0)}}


def cases(*tables: dict) -> list:
    """(class, settings) of every entry, for pytest."""
    return [
        pytest.param(name, settings, id=f'{name}: {case}')
        for table in tables
        for name, entries in table.items()
        for case, settings in entries.items()
    ]


def registered(room: str) -> set[str]:
    return {
        name for name, cls in MODELS.module_dict.items() if cls.__module__.startswith(f'{room}.')
    }


def graph_networks() -> set[str]:
    """The backbones of mmaction2 that take a graph."""
    return {
        name
        for name in registered('mmaction.models.backbones')
        if 'graph_cfg' in inspect.signature(MODELS.get(name)).parameters
    }


@pytest.mark.parametrize(
    ('kind', 'found', 'tables'),
    [
        (
            'backbone',
            registered('partkd.models.backbones') | graph_networks(),
            'BACKBONES BLIND_TO_PADDING',
        ),
        ('neck', registered('partkd.models.necks'), 'NECKS ADAPTERS'),
        ('head', registered('partkd.models.heads'), 'HEADS'),
        ('loss', registered('partkd.models.losses'), 'LOSSES CONTRASTS'),
    ],
    ids=lambda value: value if isinstance(value, str) and ' ' not in value else '',
)
def test_everything_registered_has_an_entry(kind, found, tables):
    entries = [name for table in tables.split() for name in globals()[table]]
    assert found and len(entries) == len(set(entries))
    missing, gone = sorted(found - set(entries)), sorted(set(entries) - found)
    assert not missing, (
        f'{missing}: a registered {kind} is tested as all are. Say in {__file__} with which small '
        f'settings to build it, in {" or ".join(tables.split())}'
    )
    assert not gone, f'{gone}: no such {kind} is registered any more. Take the entry out'


# ------------------------------------------------------------------------------------- backbones


def make_model(backbone, settings, layout='coco', seed=0) -> SkeletonRecognizer:
    """A small recogniser, its weights moved from their start by .1, its statistics of clips."""
    torch.manual_seed(seed)
    model = SkeletonRecognizer(
        layout=layout,
        backbone=dict(type=backbone) | settings,
        cls_head=dict(type='SkeletonHead', num_classes=CLASSES, in_channels=CHANNELS),
    ).to(DEVICE)
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.1 * torch.randn_like(weight)
        for norm in norms:
            norm.momentum = 1.0
        model.train()(randn(4, 1, 9, model.layout.num_joints, 3))
    for norm in norms:
        norm.momentum = 0.1
    return model


def padded(clips, num_frames, num_persons=2) -> SkeletonBatch:
    """Clips (M, T, V, C), zero-padded, with their masks."""
    keypoint = clips[0].new_zeros(len(clips), num_persons, num_frames, *clips[0].shape[2:])
    for row, clip in zip(keypoint, clips, strict=True):
        row[: clip.shape[0], : clip.shape[1]] = clip
    persons, frames = (
        torch.tensor([clip.shape[axis] for clip in clips])[:, None] for axis in (0, 1)
    )
    return SkeletonBatch(
        keypoint, torch.arange(num_frames) < frames, torch.arange(num_persons) < persons
    )


def vectors(features: SkeletonFeatures) -> torch.Tensor:
    """All that is said of each clip, (N, ...)."""
    said = features.parts, features.segments, features.pooled
    return torch.cat([value.flatten(1) for value in said], 1)


def assert_near(got, expected, tolerance=1e-4) -> None:
    """Relative to the norm, as activations grow from layer to layer."""
    assert expected.isfinite().all() and expected.norm() > 0
    assert (got - expected).norm() <= tolerance * expected.norm()


@pytest.mark.parametrize(('backbone', 'settings'), cases(BACKBONES))
@pytest.mark.parametrize('times', [2, 4])
def test_padding_changes_nothing_in_eval_mode(backbone, settings, times):
    model = make_model(backbone, settings).eval()
    clips = [randn(m, t, 17, 3) for m, t in ((1, 9), (2, 7), (1, 1), (2, 4))]
    with torch.no_grad():
        together = vectors(model.extract_feat(padded(clips, times * 9))[0])
        for row, clip in zip(together, clips, strict=True):
            assert_near(row, vectors(model.extract_feat(clip[None])[0])[0])


@pytest.mark.parametrize(('backbone', 'settings'), cases(BACKBONES))
@pytest.mark.parametrize('times', [2, 4])
def test_padding_changes_nothing_in_train_mode(backbone, settings, times):
    """Neither outputs nor gradients nor running statistics."""
    alone = make_model(backbone, settings).train()
    wide = copy.deepcopy(alone)
    clips = randn(4, 1, 9, 17, 3)
    features = [
        vectors(alone.extract_feat(clips)[0]),
        vectors(wide.extract_feat(padded(list(clips), times * 9))[0]),
    ]
    assert_near(features[1], features[0])
    for name, buffer in alone.named_buffers():
        torch.testing.assert_close(wide.get_buffer(name), buffer, rtol=1e-4, atol=1e-5, msg=name)
    direction = torch.randn_like(features[0])
    for value in features:
        (value * direction).sum().backward()
    gradients = [
        torch.cat([p.grad.flatten() for p in model.backbone.parameters()])
        for model in (wide, alone)
    ]
    assert_near(*gradients, tolerance=1e-3)


@pytest.mark.parametrize(('backbone', 'settings'), cases(BACKBONES, BLIND_TO_PADDING))
def test_persons_and_clips_permute(backbone, settings):
    model = make_model(backbone, settings).eval()
    clips, order = randn(3, 2, 9, 17, 3), [2, 0, 1]
    with torch.no_grad():
        expected = vectors(model.extract_feat(clips)[0])
        assert_near(vectors(model.extract_feat(clips.flip(1))[0]), expected)
        assert_near(vectors(model.extract_feat(clips[order])[0]), expected[order])


@pytest.mark.parametrize(('backbone', 'settings'), cases(BACKBONES, BLIND_TO_PADDING))
def test_gradients_flow_to_all_weights(backbone, settings):
    model = make_model(backbone, settings).eval()
    features = vectors(model.extract_feat(randn(3, 1, 9, 17, 3))[0])
    (features / features.detach().norm()).square().sum().backward()
    for name, weight in model.backbone.named_parameters():
        assert weight.grad is not None and weight.grad.isfinite().all(), name
        assert weight.grad.ne(0).any(), name


@pytest.mark.parametrize(('backbone', 'settings'), cases(BACKBONES, BLIND_TO_PADDING))
def test_checkpoints_load(backbone, settings):
    """Its own, and those of the class of mmaction2 that it is made of."""
    model = make_model(backbone, settings).eval()
    other = make_model(backbone, settings, seed=1).eval()
    clips = randn(2, 1, 9, 17, 3)
    with torch.no_grad():
        assert not torch.equal(other(clips), model(clips))
        other.load_state_dict(model.state_dict(), strict=True)
        assert torch.equal(other(clips), model(clips))
    for cls in type(model.backbone).__mro__:
        if cls.__module__.startswith('mmaction.models.backbones'):
            graph_cfg = dict(mode='stgcn_spatial') | settings.get('graph_cfg', {})
            graph_cfg['layout'] = get_layout('coco').graph_cfg()
            plain = cls(**{'data_bn_type': 'VC', **settings, 'graph_cfg': graph_cfg})
            plain.to(DEVICE).eval().load_state_dict(model.backbone.state_dict(), strict=True)
            with torch.no_grad():
                expected = plain(clips)[:, 0]
                assert_near(model.extract_feat(clips, stage='backbone')[0], expected)


# Tracing takes seconds: as few layers as show all that there is, up to CHANNELS.
SHALLOWEST = dict(base_channels=CHANNELS, num_stages=1, inflate_stages=[], down_stages=[])
SHALLOW = {
    'MaskedEfficientGCN': dict(
        num_branches=1, branch_channels=[4], main_channels=[CHANNELS], depths=[0, 1]
    ),
    'MaskedPAResGCN': dict(num_branches=1, num_blocks=[1, 1, 1]),
    'MaskedPRGCN': {},
    'TwinNetwork': dict(
        backbone=dict(SHALLOWEST, type='MaskedCTRGCN', base_channels=CHANNELS // 2)
    ),
}
# Cases that only leave something out of another one are not traced.
LESS_OF_ANOTHER = {
    'MaskedAAGCN: Js-AGCN',
    'MaskedAAGCN: AAGCN of a fixed graph',
    'AAGCN: Js-AGCN',
    'MaskedEfficientGCN: Sep',
}
TRACED = [case for case in cases(BACKBONES, BLIND_TO_PADDING) if case.id not in LESS_OF_ANOTHER]


@pytest.mark.parametrize(('backbone', 'settings'), TRACED)
def test_an_onnx_file_gives_the_same(backbone, settings):
    shallow = SHALLOW.get(backbone, SHALLOWEST)
    model = make_model(backbone, settings | shallow).eval()
    session = onnxruntime.InferenceSession(to_onnx(model, {}))
    clips = randn(2, 1, 21, 17, 3)
    (logits,) = session.run(None, dict(keypoint=clips.cpu().numpy()))
    with torch.no_grad():
        assert_near(torch.from_numpy(logits), model(clips).cpu(), tolerance=1e-3)


@pytest.mark.parametrize(('backbone', 'settings'), cases(BLIND_TO_PADDING))
def test_what_is_blind_to_padding_is_refused_by_name(backbone, settings):
    """Also where its weights have not moved yet."""
    model = make_model(backbone, settings)
    fresh = SkeletonRecognizer(
        backbone=dict(type=backbone) | settings,
        cls_head=dict(type='SkeletonHead', num_classes=CLASSES, in_channels=CHANNELS),
    ).to(DEVICE)
    clips = [randn(1, 9, 17, 3), randn(1, 7, 17, 3)]
    for refusing in (model, fresh):
        with pytest.raises(RuntimeError, match=f'{backbone} does not heed padded frames'):
            refusing(padded(clips, 9))
        refusing(padded(clips[:1] * 2, 9).keypoint)


@pytest.mark.parametrize('layout', layout_names())
@pytest.mark.parametrize('backbone', BACKBONES)
def test_every_layout_trains(backbone, layout):
    """Padded clips through the first case of each backbone."""
    settings = next(iter(BACKBONES[backbone].values()))
    if 'num_stages' in settings:
        settings = settings | dict(num_stages=3)
    graph = get_layout(layout)
    model = make_model(backbone, settings, layout)
    clips = [randn(m, t, graph.num_joints, 3) for m, t in ((1, 6), (2, 4))]
    data_samples = [ActionDataSample().set_gt_label(label) for label in (0, 1)]
    loss = model(padded(clips, 6), data_samples, mode='loss')['loss_cls']
    loss.backward()
    assert loss.isfinite() and all(p.grad.isfinite().all() for p in model.parameters())


# ------------------------------------------------------------------------------- necks and heads


@pytest.mark.parametrize(('neck', 'settings'), cases(NECKS))
@pytest.mark.parametrize('layout', layout_names())
def test_a_neck_heeds_real_persons_and_frames_alone(neck, settings, layout):
    graph = get_layout(layout)
    module = MODELS.build(dict(type=neck, layout=graph) | settings).to(DEVICE).eval()
    clips = [randn(m, t, graph.num_joints, 3) for m, t in ((1, 8), (2, 5), (1, 1))]
    joints = [randn(len(c), CHANNELS, -(-c.shape[1] // 2), graph.num_joints) for c in clips]
    batch = padded(clips, 16)
    wide = torch.cat([nn.functional.pad(z, (0, 0, 0, 8 - z.shape[2]), value=9.0) for z in joints])
    wide.requires_grad_()
    features = module(wide, batch)
    together = vectors(features)
    alone = [module(z, SkeletonBatch(c[None])) for z, c in zip(joints, clips, strict=True)]
    torch.testing.assert_close(together, torch.cat([vectors(f) for f in alone]))
    assert features.parts.shape == (3, 5, CHANNELS) and features.pooled.shape == (3, CHANNELS)
    swapped = module(joints[1].flip(0), SkeletonBatch(clips[1][None].flip(1)))
    torch.testing.assert_close(vectors(swapped), together[1:2])
    (gradient,) = torch.autograd.grad(features.pooled.square().sum(), wide)
    real = torch.zeros(len(wide), 8, dtype=torch.bool, device=DEVICE)
    for person, frames in enumerate((4, 3, 3, 1)):
        real[person, :frames] = True
    real = real[:, None, :, None].expand_as(gradient)
    assert (gradient[real] != 0).all() and (gradient[~real] == 0).all()


def make_student(count: int) -> SkeletonFeatures:
    """Features of clips, leaves of the graph."""
    shapes = dict(
        joints=(count, 2, 4, 17, CHANNELS),
        parts=(count, 5, CHANNELS),
        segments=(count, 3, 5, CHANNELS),
        pooled=(count, CHANNELS),
        logits=(count, CLASSES),
    )
    person_mask = torch.ones(count, 2, dtype=torch.bool, device=DEVICE)
    leaves = {name: randn(shape, requires_grad=True) for name, shape in shapes.items()}
    return SkeletonFeatures(person_mask=person_mask, **leaves)


def rows(features, order):
    """The features of clips in another order."""
    return type(features)(**{key: value[order] for key, value in vars(features).items()})


@pytest.mark.parametrize(('adapter', 'settings'), cases(ADAPTERS))
def test_an_adapter_maps_each_clip_to_the_width_of_the_teacher(adapter, settings):
    torch.manual_seed(0)
    module, student = MODELS.build(dict(type=adapter) | settings).to(DEVICE), make_student(3)
    adapted, order = module(student), [2, 0, 1]
    assert adapted.parts.shape == (3, 5, settings['out_channels'])
    assert adapted.pooled.shape == (3, settings['out_channels'])
    torch.testing.assert_close(vectors(module(rows(student, order))), vectors(adapted)[order])
    vectors(adapted).square().sum().backward()
    assert all(p.grad.isfinite().all() and p.grad.ne(0).any() for p in module.parameters())


@pytest.mark.parametrize(('head', 'settings'), cases(HEADS))
def test_a_head_scores_each_clip_in_float32(head, settings):
    torch.manual_seed(0)
    module = MODELS.build(dict(type=head) | settings).to(DEVICE)
    student, order = make_student(4), [3, 1, 0, 2]
    samples = [ActionDataSample().set_gt_label(label) for label in (0, 4, 2, 2)]
    logits = module(student)
    assert logits.shape == (4, CLASSES)
    torch.testing.assert_close(module(rows(student, order)), logits[order])
    with torch.autocast(DEVICE, dtype=torch.bfloat16):
        mixed = module(student)
    assert mixed.dtype == torch.float32 and torch.equal(mixed, logits)
    loss = module.loss_by_feat(logits, samples)['loss_cls']
    swapped = module.loss_by_feat(logits[order], [samples[clip] for clip in order])['loss_cls']
    torch.testing.assert_close(swapped, loss)
    loss.backward()
    assert all(p.grad.isfinite().all() and p.grad.ne(0).any() for p in module.parameters())


# ---------------------------------------------------------------------------------------- losses


def make_teacher(labels: list[int], pair: list[int]) -> TeacherFeatures:
    count = len(labels)
    return TeacherFeatures(
        joints=randn(count, 2, 4, 17, CHANNELS),
        person_mask=torch.ones(count, 2, dtype=torch.bool, device=DEVICE),
        parts=randn(count, 5, CHANNELS),
        segments=randn(count, 3, 5, CHANNELS),
        pooled=randn(count, CHANNELS),
        logits=randn(count, CLASSES),
        labels=tensor(labels, dtype=torch.long),
        pair=tensor(pair),
    )


def total_of(loss: nn.Module, student, teacher, labels) -> torch.Tensor:
    """The sum of what is trained by, as mmengine takes it."""
    values = [value for key, value in loss(student, teacher, labels).items() if 'loss' in key]
    assert values and all(value.dim() == 0 for value in values)
    return sum(values)


def gradients_of(student: SkeletonFeatures) -> list[torch.Tensor]:
    return [value.grad for value in vars(student).values() if value.grad is not None]


@pytest.mark.parametrize(('loss', 'settings'), cases(LOSSES))
class TestLosses:
    @pytest.fixture(autouse=True)
    def seed(self):
        torch.manual_seed(0)

    def test_it_is_finite_and_trains(self, loss, settings):
        module, student = MODELS.build(dict(type=loss) | settings).to(DEVICE), make_student(4)
        teacher = make_teacher([0, 1, 2, 1], [0, 1, -1, 2])
        total = total_of(module, student, teacher, tensor([0, 1, 3, 2]))
        assert total.isfinite() and total > 0
        total.backward()
        gradients = gradients_of(student)
        assert gradients and all(g.isfinite().all() and g.ne(0).any() for g in gradients)

    def test_without_pairs_and_class_mates_it_is_a_zero_that_is_in_the_graph(self, loss, settings):
        module = MODELS.build(dict(type=loss) | settings).to(DEVICE)
        for labels in ([], [0, 4]):
            student, teacher = make_student(2), make_teacher(labels, [-1, -1])
            total = total_of(module, student, teacher, tensor([1, 2]))
            assert total == 0
            total.backward()
            gradients = gradients_of(student)
            assert gradients and all((gradient == 0).all() for gradient in gradients)

    def test_the_order_of_clips_does_not_matter(self, loss, settings):
        module, student = MODELS.build(dict(type=loss) | settings).to(DEVICE), make_student(4)
        teacher = make_teacher([0, 1, 2, 1], [0, 1, -1, 2])
        labels, order = tensor([0, 1, 3, 2]), tensor([2, 0, 3, 1])
        expected = total_of(module, student, teacher, labels)
        known = vars(teacher) | dict(pair=teacher.pair[order])
        mixed = total_of(module, rows(student, order), TeacherFeatures(**known), labels[order])
        torch.testing.assert_close(mixed, expected)
        # The rows of the teacher, and pairs that follow them: row order[k] is now row k.
        place = torch.cat([order.argsort(), tensor([-1])])  # -1 stays -1
        known = {key: value[order] for key, value in vars(teacher).items() if key != 'pair'}
        teacher = TeacherFeatures(**known, pair=place[teacher.pair])
        torch.testing.assert_close(total_of(module, student, teacher, labels), expected)

    def test_it_runs_in_float32_under_mixed_precision(self, loss, settings):
        module, student = MODELS.build(dict(type=loss) | settings).to(DEVICE), make_student(4)
        teacher, labels = make_teacher([0, 1, 2, 1], [0, 1, -1, 2]), tensor([0, 1, 3, 2])
        plain = total_of(module, student, teacher, labels)
        with torch.autocast(DEVICE, dtype=torch.bfloat16):
            mixed = total_of(module, student, teacher, labels)
        assert mixed.dtype == torch.float32 and torch.equal(mixed, plain)

    def test_zero_features_keep_gradients_finite(self, loss, settings):
        module, student = MODELS.build(dict(type=loss) | settings).to(DEVICE), make_student(2)
        for value in vars(student).values():
            value.data.zero_()
        teacher = make_teacher([0, 1], [0, 1])
        total_of(module, student, teacher, tensor([0, 1])).backward()
        assert all(gradient.isfinite().all() for gradient in gradients_of(student))


@pytest.mark.parametrize(('loss', 'settings'), cases(CONTRASTS))
class TestContrasts:
    @pytest.fixture(autouse=True)
    def seed(self):
        torch.manual_seed(0)

    def test_it_trains_the_query_alone_whatever_the_order(self, loss, settings):
        module = MODELS.build(dict(type=loss) | settings).to(DEVICE)
        query, key, negatives = randn(4, 8, requires_grad=True), randn(4, 8), randn(6, 8)
        value, order = module(query, key, negatives), [2, 0, 3, 1]
        assert value.dim() == 0 and value > 0
        torch.testing.assert_close(module(query[order], key[order], negatives.flip(0)), value)
        value.backward()
        assert query.grad.isfinite().all() and query.grad.ne(0).any()

    def test_it_runs_in_float32_under_mixed_precision(self, loss, settings):
        module = MODELS.build(dict(type=loss) | settings).to(DEVICE)
        vectors = randn(4, 8), randn(4, 8), randn(6, 8)
        with torch.autocast(DEVICE, dtype=torch.bfloat16):
            mixed = module(*vectors)
        assert mixed.dtype == torch.float32 and torch.equal(mixed, module(*vectors))

    def test_zero_queries_keep_gradients_finite(self, loss, settings):
        module = MODELS.build(dict(type=loss) | settings).to(DEVICE)
        query = torch.zeros(2, 8, device=DEVICE, requires_grad=True)
        module(query, randn(2, 8), randn(3, 8)).backward()
        assert query.grad.isfinite().all()
