"""Masks, layouts and parity of the recogniser."""

import copy

import pytest
import torch
from mmaction.models import RecognizerGCN
from mmaction.structures import ActionDataSample
from mmengine.device import get_device
from torch.nn.functional import adaptive_avg_pool1d
from torch.utils._python_dispatch import TorchDispatchMode

from partkd.layouts import PART_NAMES, get_layout, layout_names
from partkd.models import PartPooling, SkeletonRecognizer
from partkd.structures import SkeletonBatch

DEVICE = get_device()
SMALL = dict(base_channels=12, num_stages=4, inflate_stages=[3], down_stages=[3, 4])


def make_model(layout='coco', tcn_type='unit_tcn', head=None, **kwargs):
    """A small model whose batch norms are far from the identity."""
    torch.manual_seed(0)
    model = SkeletonRecognizer(
        layout=layout,
        backbone=dict(type='STGCN', tcn_type=tcn_type, **SMALL),
        cls_head=head or dict(type='SkeletonHead', num_classes=5, in_channels=24),
        **kwargs,
    )
    for module in model.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            torch.nn.init.normal_(module.bias)
            torch.nn.init.normal_(module.running_mean)
    return model.to(DEVICE)


def collate(model, clips):
    return model.data_preprocessor(dict(inputs=clips))['inputs']


def ragged_clips(num_joints=17):
    shapes = [(1, 10), (2, 7), (1, 13), (2, 13), (1, 1)]
    return [torch.randn(m, t, num_joints, 3) for m, t in shapes]


@pytest.mark.parametrize('tcn_type', ['unit_tcn', 'mstcn'])
@pytest.mark.parametrize('joint_reduce', ['mean', 'visible'])
def test_padding_changes_nothing_in_eval_mode(joint_reduce, tcn_type):
    neck = dict(joint_reduce=joint_reduce, num_segments=2)
    model = make_model(tcn_type=tcn_type, neck=neck).eval()
    clips = ragged_clips()
    with torch.no_grad():
        together = model.extract_feat(collate(model, clips))[0]
        alone = [model.extract_feat(collate(model, [clip]))[0] for clip in clips]
    torch.testing.assert_close(together.parts, torch.cat([f.parts for f in alone]))
    torch.testing.assert_close(together.segments, torch.cat([f.segments for f in alone]))
    torch.testing.assert_close(together.pooled, torch.cat([f.pooled for f in alone]))


def test_padding_changes_nothing_in_train_mode():
    """Outputs, gradients and batch statistics are those of the unpadded batch."""
    plain = make_model().train()
    padded = copy.deepcopy(plain)
    clips = torch.randn(4, 1, 12, 17, 3, device=DEVICE)
    wide = torch.zeros(4, 2, 18, 17, 3, device=DEVICE)
    wide[:, :1, :12] = clips
    wide[:, :, 12:].normal_()  # what is not real may be anything
    frame_mask = (torch.arange(18, device=DEVICE) < 12).expand(4, -1)
    person_mask = torch.tensor([True, False], device=DEVICE).expand(4, -1)

    features = plain.extract_feat(SkeletonBatch(clips))[0]
    wide = wide * frame_mask[:, None, :, None, None]
    masked = padded.extract_feat(SkeletonBatch(wide, frame_mask, person_mask))[0]

    torch.testing.assert_close(masked.parts, features.parts)
    for name, buffer in plain.named_buffers():
        torch.testing.assert_close(dict(padded.named_buffers())[name], buffer)
    features.parts.square().mean().backward()
    masked.parts.square().mean().backward()
    for (name, mine), theirs in zip(plain.named_parameters(), padded.parameters(), strict=True):
        if mine.grad is not None:
            torch.testing.assert_close(theirs.grad, mine.grad, rtol=1e-3, atol=1e-5, msg=name)


def test_the_data_batch_norm_needs_its_mask_in_training_alone():
    """Padded zeros lie far outside what it normalises; a fixed affine map keeps them apart."""
    masked = make_model()
    plain = copy.deepcopy(masked)
    plain.backbone.data_bn = torch.nn.BatchNorm1d(plain.backbone.data_bn.num_features)
    plain.to(DEVICE).backbone.data_bn.load_state_dict(masked.backbone.data_bn.state_dict())
    plain.frame_mask.proven = True  # the probe would refuse it
    batch = collate(masked, [3 + 0.1 * torch.randn(1, frames, 17, 3) for frames in (50, 49, 48)])
    pooled = [model.eval().extract_feat(batch)[0].pooled for model in (masked, plain)]
    assert torch.equal(*pooled)
    pooled = [model.train().extract_feat(batch)[0].pooled for model in (masked, plain)]
    assert (pooled[1] - pooled[0]).norm() > 0.05 * pooled[0].norm()
    # 2 % of the frames three from the mean of the rest make a variance of .01 one of .19.
    assert (plain.backbone.data_bn.running_var > masked.backbone.data_bn.running_var + 0.01).all()


def test_padding_on_to_a_multiple_changes_nothing_when_compiled():
    """Nor does a batch of other lengths need another graph."""
    torch.compiler.reset()
    plain = make_model().train()
    preprocessor = dict(type='SkeletonDataPreprocessor', pad_frames_divisor=16)
    compiled = make_model(data_preprocessor=preprocessor).train()
    graphs = []

    def count(graph, inputs):
        graphs.append(graph)
        return graph.forward

    extract_feat = torch.compile(compiled.extract_feat, backend=count)
    counts = []
    for lengths in ((10, 13), (9, 14), (11, 11)):
        clips = [torch.randn(1, length, 17, 3) for length in lengths]
        features, _ = plain.extract_feat(collate(plain, clips))
        traced, _ = extract_feat(collate(compiled, clips))
        counts.append(len(graphs))
        torch.testing.assert_close(traced.parts, features.parts)
        for model, parts in ((plain, features.parts), (compiled, traced.parts)):
            model.zero_grad()
            parts.square().mean().backward()
        for (name, mine), theirs in zip(
            plain.named_parameters(), compiled.parameters(), strict=True
        ):
            if mine.grad is not None:
                torch.testing.assert_close(
                    theirs.grad, mine.grad, rtol=1e-3, atol=1e-5, msg=lambda m, n=name: f'{n}: {m}'
                )
    assert 0 < counts[0] == counts[-1]
    for name, buffer in plain.named_buffers():
        torch.testing.assert_close(dict(compiled.named_buffers())[name], buffer)


def test_real_persons_are_looked_up_once_a_batch():
    """A GPU is waited for wherever the size of a tensor depends on a mask."""
    model = make_model().train()
    batch = collate(model, ragged_clips())
    sized_by_masks = []

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            indices = args[1] if 'index' in str(function) and len(args) > 1 else ()
            masks = isinstance(indices, (list, tuple)) and any(
                index is not None and index.dtype == torch.bool for index in indices
            )
            if masks or 'nonzero' in str(function):
                sized_by_masks.append(str(function))
            return function(*args, **(kwargs or {}))

    model.frame_mask.proven = True
    with Watch():
        batch.keypoint[batch.person_mask]
        features = model.extract_feat(batch, reads=('joints',))[0]
        features.pooled.sum().backward()
    assert sized_by_masks == ['aten.index.Tensor', 'aten.nonzero.default']


def test_absent_persons_are_not_computed():
    model = make_model().eval()
    batch = collate(model, [torch.randn(1, 8, 17, 3), torch.randn(2, 8, 17, 3)])
    assert model.extract_feat(batch, stage='backbone')[0].shape[0] == 3


def test_fixed_padding_is_what_mmaction2_computes():
    """The parity mode: mmaction2's recogniser, the same weights, 2 persons and T frames."""
    ours = make_model(
        data_preprocessor=dict(type='SkeletonDataPreprocessor', padding='fixed', num_frames=24)
    ).eval()
    theirs = RecognizerGCN(
        backbone=dict(
            type='mmaction.STGCN', graph_cfg=dict(layout='coco', mode='stgcn_spatial'), **SMALL
        ),
        cls_head=dict(type='mmaction.GCNHead', num_classes=5, in_channels=24),
        data_preprocessor=dict(type='mmaction.ActionDataPreprocessor'),
    ).eval()
    theirs.to(DEVICE).load_state_dict(ours.state_dict(), strict=True)
    clips = [torch.randn(1, 10, 17, 3), torch.randn(3, 30, 17, 3)]
    padded = torch.zeros(2, 2, 24, 17, 3, device=DEVICE)
    padded[0, :1, :10] = clips[0]
    padded[1] = clips[1][:2, :24]

    with torch.no_grad():
        expected = theirs(padded[:, None], stage='head')
        torch.testing.assert_close(ours(collate(ours, clips)), expected)


@pytest.mark.parametrize('name', layout_names())
def test_every_layout_trains_and_predicts(name):
    layout = get_layout(name)
    model = make_model(layout)
    data = dict(
        inputs=ragged_clips(layout.num_joints),
        data_samples=[ActionDataSample().set_gt_label(i % 5) for i in range(5)],
    )
    batch = model.data_preprocessor(data, training=True)
    loss = model(batch['inputs'], batch['data_samples'], mode='loss')['loss_cls']
    loss.backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    scores = [
        s.pred_score
        for s in model(**{k: batch[k] for k in ('inputs', 'data_samples')}, mode='predict')
    ]
    torch.testing.assert_close(torch.stack(scores).sum(1), torch.ones(5, device=DEVICE))


def permuted(layout, order):
    """The same graph with its joints in another order."""
    place = {old: new for new, old in enumerate(order)}
    return type(layout)(
        name='permuted',
        joints=tuple(layout.joints[old] for old in order),
        links=tuple((place[a], place[b]) for a, b in layout.links),
        centre=place[layout.centre],
        swap=tuple(place[layout.swap[old]] for old in order),
        parts=tuple(tuple(sorted(place[joint] for joint in part)) for part in layout.parts),
        dims=layout.dims,
    )


@pytest.mark.parametrize('name', ['coco', 'nturgb+d'])
def test_permuting_joints_together_with_the_layout_changes_nothing(name):
    layout = get_layout(name)
    order = torch.randperm(layout.num_joints, generator=torch.Generator().manual_seed(1))
    model, other = make_model(layout).eval(), make_model(permuted(layout, order.tolist())).eval()
    state = model.state_dict()
    for key in state:
        if key.endswith('.PA'):
            state[key] = state[key][:, order][:, :, order]
        elif 'data_bn' in key and state[key].dim():
            state[key] = state[key].view(-1, 3)[order].flatten()
        elif key.endswith('gcn.A'):
            torch.testing.assert_close(other.state_dict()[key], state[key][:, order][:, :, order])
            state[key] = other.state_dict()[key]
    other.load_state_dict(state)
    clips = torch.randn(2, 1, 9, layout.num_joints, 3, device=DEVICE)
    with torch.no_grad():
        one, two = model.extract_feat(clips)[0], other.extract_feat(clips[..., order, :])[0]
    torch.testing.assert_close(two.parts, one.parts)
    torch.testing.assert_close(two.pooled, one.pooled)


def test_part_features_are_naive_means():
    layout = get_layout('coco')
    joints = torch.randn(3, 4, 6, 17)  # persons: one of clip 0, two of clip 1
    batch = SkeletonBatch(
        torch.randn(2, 2, 6, 17, 3),
        frame_mask=torch.tensor([[True] * 4 + [False] * 2, [True] * 6]),
        person_mask=torch.tensor([[True, False], [True, True]]),
    )
    features = PartPooling(layout)(joints, batch)
    for part in range(len(PART_NAMES)):
        chosen = joints[..., list(layout.parts[part])]
        first = chosen[0, :, :4].mean((1, 2))
        second = (chosen[1].mean((1, 2)) + chosen[2].mean((1, 2))) / 2
        torch.testing.assert_close(features.parts[:, part], torch.stack([first, second]))
    torch.testing.assert_close(features.pooled[0], joints[0, :, :4].mean((1, 2)))


def test_segments_cut_the_real_frames_evenly():
    """A padded clip has the segments that the clip alone has, which are adaptive means."""
    joints = torch.randn(2, 4, 9, 17, device=DEVICE)
    frame_mask = torch.arange(9, device=DEVICE) < torch.tensor([[5], [9]], device=DEVICE)
    batch = SkeletonBatch(torch.randn(2, 1, 9, 17, 3, device=DEVICE), frame_mask)
    neck = PartPooling('coco', num_segments=3).to(DEVICE)
    features = neck(joints, batch)
    for clip, length in enumerate((5, 9)):
        parts = joints[clip, :, :length] @ neck.averaging.T  # C, T, 5
        expected = adaptive_avg_pool1d(parts.transpose(1, 2), 3)
        torch.testing.assert_close(features.segments[clip], expected.permute(2, 1, 0))
    whole = PartPooling('coco').to(DEVICE)(joints, batch)
    torch.testing.assert_close(features.parts, whole.parts)


def test_more_segments_than_frames_repeat_frames():
    joints = torch.randn(1, 4, 2, 17)
    batch = SkeletonBatch(torch.randn(1, 1, 2, 17, 3))
    segments = PartPooling('coco', num_segments=4)(joints, batch).segments
    torch.testing.assert_close(segments[:, 0], segments[:, 1])
    assert segments.isfinite().all() and not segments[:, 1].equal(segments[:, 2])


def test_one_segment_is_the_part_features():
    features = make_model().extract_feat(torch.randn(2, 1, 8, 17, 3, device=DEVICE))[0]
    assert features.segments.equal(features.parts[:, None])
    with pytest.raises(ValueError, match='num_segments=0: it is an integer from 1 on'):
        PartPooling('coco', num_segments=0)


@pytest.mark.parametrize('joint_reduce', ['mean', 'visible'])
def test_a_head_that_reads_segments_knows_when_a_part_moved(joint_reduce):
    head = dict(type='SkeletonHead', num_classes=5, in_channels=2 * 5 * 24, reads='segments')
    neck = dict(num_segments=2, joint_reduce=joint_reduce)
    model = make_model(neck=neck, head=head).eval()
    joints = torch.randn(1, 24, 4, 17, device=DEVICE)
    batch = SkeletonBatch(torch.randn(1, 1, 4, 17, 3, device=DEVICE))
    forth, back = (model.neck(z, batch) for z in (joints, joints.flip(2)))
    torch.testing.assert_close(forth.pooled, back.pooled)
    torch.testing.assert_close(forth.segments[:, 0], back.segments[:, 1])
    assert not torch.allclose(model.cls_head(forth), model.cls_head(back))


def test_a_head_of_another_width_says_which():
    head = dict(type='SkeletonHead', num_classes=5, in_channels=24, reads='segments')
    model = make_model(neck=dict(num_segments=2), head=head)
    with pytest.raises(ValueError, match=r'segments has 240 features.*cls_head.in_channels=240'):
        model(torch.randn(1, 1, 8, 17, 3, device=DEVICE))
    with pytest.raises(ValueError, match="reads='parts': it is one of 'pooled', 'segments'"):
        make_model(head=dict(head, reads='parts'))


def test_visible_joints_alone_make_the_part():
    layout = get_layout('coco')
    keypoint = torch.randn(1, 1, 4, 17, 2)
    arm = layout.parts[PART_NAMES.index('left_arm')]
    keypoint[..., arm[0], :] = 0
    keypoint[:, :, :2, arm[1]] = 0
    joints = torch.randn(1, 3, 4, 17)
    parts = PartPooling(layout, joint_reduce='visible')(joints, SkeletonBatch(keypoint)).parts
    values = [joints[0, :, t, v] for v in arm for t in range(4) if keypoint[0, 0, t, v].any()]
    assert len(values) < 4 * len(arm)
    torch.testing.assert_close(parts[0, PART_NAMES.index('left_arm')], torch.stack(values).mean(0))


def test_trunk_goes_to_the_head_where_asked():
    layout = get_layout('nturgb+d')
    joints = torch.randn(1, 3, 4, 25)
    batch = SkeletonBatch(torch.randn(1, 1, 4, 25, 3))
    parts = PartPooling(layout, trunk='head')(joints, batch).parts
    chosen = joints[0][..., [*layout.parts[0], *layout.trunk]]
    torch.testing.assert_close(parts[0, 0], chosen.mean((1, 2)))


@pytest.mark.parametrize(
    ('shape', 'message'),
    [((1, 1, 4, 25, 3), "25 joints, layout 'coco'"), ((1, 1, 4, 17, 2), '2 channels')],
)
def test_wrong_input_is_named(shape, message):
    with pytest.raises(ValueError, match=message):
        make_model().extract_feat(torch.zeros(shape))


def test_clips_of_other_layouts_in_one_batch_are_named():
    with pytest.raises(ValueError, match='one layout and one pipeline'):
        collate(make_model(), [torch.zeros(1, 4, 17, 3), torch.zeros(1, 4, 25, 3)])


@pytest.mark.parametrize('lengths', [(5, 4), (6, 4), (9, 8), (3, 1), (19, 12)])
def test_masks_follow_every_stride(lengths):
    """Odd lengths through two strides of 2."""
    model = make_model().eval()
    clips = [torch.randn(1, length, 17, 3) for length in lengths]
    with torch.no_grad():
        together = model.extract_feat(collate(model, clips))[0].pooled
        alone = [model.extract_feat(collate(model, [clip]))[0].pooled for clip in clips]
    torch.testing.assert_close(together, torch.cat(alone))


def test_batch_norms_without_masks_are_refused_for_padded_clips():
    model = make_model()
    model.backbone = torch.nn.SyncBatchNorm.convert_sync_batchnorm(model.backbone).eval()
    model.extract_feat(torch.randn(1, 1, 8, 17, 3, device=DEVICE))
    with pytest.raises(RuntimeError, match='synchronised batch norms of STGCN .*: remove sync_bn'):
        model.extract_feat(collate(model, ragged_clips()))


def test_a_batch_norm_of_a_fixed_number_of_persons_is_refused():
    with pytest.raises(ValueError, match="data_bn_type='VC'"):
        SkeletonRecognizer(
            backbone=dict(type='STGCN', data_bn_type='MVC', **SMALL),
            cls_head=dict(type='SkeletonHead', num_classes=5, in_channels=24),
        )


def test_a_frozen_encoder_stays_and_its_head_learns():
    """Weights and statistics, whatever mode is asked for."""
    model = make_model(frozen_encoder=True).train()
    before = copy.deepcopy(model.state_dict())
    samples = [ActionDataSample().set_gt_label(label).to(DEVICE) for label in (0, 3)]
    clips = torch.randn(2, 1, 9, 17, 3, device=DEVICE)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=0.1)
    model(clips, samples, mode='loss')['loss_cls'].backward()
    optimizer.step()
    changed = {name for name, v in model.state_dict().items() if not torch.equal(v, before[name])}
    assert changed == {'cls_head.fc.weight', 'cls_head.fc.bias'}
    assert model.cls_head.training and not model.backbone.training
    assert torch.equal(model.eval()(clips), model(clips))
