"""Joint-level features of pairs: from the loop and from the bank, of clips of unlike size."""

import copy

import pytest
import torch
from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.model import BaseModule

from partkd.distillation import compute_teacher_files
from partkd.models import PartAdapter, PMSCLoss, features_read
from partkd.structures import CLIP_FEATURES, SkeletonBatch, SkeletonFeatures, TeacherFeatures

from .conftest import recognizer

JOINTS = [dict(type='JointDistance')]


@pytest.fixture
def make_model(student_cfg):
    """A function that builds a student with a teacher."""

    def make(teacher, losses=JOINTS, **options):
        torch.manual_seed(0)
        cfg = dict(type='KDRecognizer', student=student_cfg, teacher=teacher, losses=losses)
        model = MODELS.build(cfg | options)
        model.init_weights()
        return model.train()

    return make


@pytest.fixture
def bank_cfg(teacher_cfg, dataset_cfg, tmp_path):
    """Config of a bank that holds joints alone."""
    teacher = MODELS.build(dict(teacher_cfg, reads=('joints',)))
    teacher.init_weights()
    file = str(tmp_path / 'bank')
    compute_teacher_files(teacher, DATASETS.build(dataset_cfg).teacher, file, batch_size=4)
    return dict(type='FeatureBank', folder=file, teacher=teacher_cfg)


def naive_distance(model, batch, teacher):
    """Clip by clip, person by person, step by step: each clip alone, without padding."""
    student = copy.deepcopy(model.student)
    errors = []
    high = iter(teacher_clips(batch['teacher_inputs']))
    z = per_clip(student.extract_feat(batch['inputs'], stage='backbone')[0], batch['inputs'])
    for sample, persons in zip(batch['data_samples'], z, strict=True):
        if not sample.paired:
            continue
        theirs = teacher.model.extract_feat(next(high)[None], stage='backbone')[0]
        for mine, other in zip(persons, theirs):  # as many as both have
            steps = [[cut(one, step, 3) for step in range(3)] for one in (mine, other)]
            errors.append(sum((a - b[:, :17]).square().mean() for a, b in zip(*steps)) / 3)
    return torch.stack(errors).mean()


def cut(z, step, num_steps):
    """The mean of one step's frames, (C, T, V) to (C, V)."""
    frames = z.shape[1]
    start, end = step * frames // num_steps, -(-(step + 1) * frames // num_steps)
    return torch.stack([z[:, frame] for frame in range(start, end)]).mean(0)


def teacher_clips(batch):
    """The clips of a padded batch without their padding."""
    for row, clip in enumerate(batch.keypoint):
        frames = len(clip[0]) if batch.frame_mask is None else int(batch.frame_mask[row].sum())
        persons = len(clip) if batch.person_mask is None else int(batch.person_mask[row].sum())
        yield clip[:persons, :frames]


def per_clip(z, batch):
    """Features (P, C, T', V) by clip, each person's real frames alone, after one stride of 2."""
    sizes = [clip.shape[:2] for clip in teacher_clips(batch)]
    persons = iter(z)
    return [[next(persons)[:, : -(-t // 2)] for _ in range(m)] for m, t in sizes]


@pytest.mark.parametrize('kind', ['loop', 'bank', 'large bank', 'all of a bank'])
def test_joints_of_pairs_meet_in_loop_and_bank(
    kind, make_model, teacher, teacher_cfg, bank_cfg, load_batch, monkeypatch
):
    if kind == 'large bank':
        monkeypatch.setattr('partkd.distillation.feature_bank.LARGE', 0)
    contrast = 'bank' if kind == 'all of a bank' else 'batch'
    model = make_model(teacher_cfg if kind == 'loop' else dict(bank_cfg, contrast=contrast))
    batch = load_batch(model, range(12), load_teacher=True)
    persons = batch['inputs'].person_mask.sum(1)
    assert set(persons.tolist()) == {1, 2} and batch['inputs'].frame_mask is not None
    expected = naive_distance(model, batch, teacher)
    loss = model(**batch, mode='loss')['loss_joints']
    torch.testing.assert_close(loss, expected, rtol=1e-4, atol=1e-5)
    loss.backward()
    gradient = model.student.backbone.gcn[0].tcn.conv.weight.grad
    assert gradient.isfinite().all() and gradient.abs().sum() > 0
    seen = model.teacher(batch['data_samples'], batch['teacher_inputs'])
    assert [name for name in CLIP_FEATURES if hasattr(seen, name)] == ['joints']


def test_an_adapter_maps_joints_as_it_maps_their_mean(make_model, teacher_cfg, load_batch):
    model = make_model(teacher_cfg, adapter=dict(type='PartAdapter', in_channels=8, out_channels=8))
    batch = load_batch(model, range(12), load_teacher=True)
    losses = model(**batch, mode='loss')
    model.parse_losses(losses)[0].backward()
    assert all(parameter.grad is not None for parameter in model.adapter.parameters())

    torch.manual_seed(0)
    joints = torch.randn(2, 2, 3, 4, 8)
    real = torch.tensor([[True, False], [True, True]])
    joints = joints * real[..., None, None, None]
    adapter = PartAdapter(8, 6)
    torch.nn.init.normal_(adapter.pooled.bias)
    features = SkeletonFeatures(
        joints=joints,
        person_mask=real,
        parts=torch.randn(2, 5, 8),
        segments=torch.randn(2, 1, 5, 8),
        pooled=joints.mean((2, 3)).sum(1) / real.sum(1, keepdim=True),
        logits=torch.randn(2, 3),
    )
    adapted = adapter(features)
    assert (adapted.joints[0, 1] == 0).all()
    mean = adapted.joints.mean((2, 3)).sum(1) / real.sum(1, keepdim=True)
    torch.testing.assert_close(mean, adapted.pooled)


def test_graphs_of_other_joints_and_widths_meet_on_the_union_graph(
    make_model, student_cfg, teacher_cfg, dataset_cfg, load_batch, tmp_path
):
    """COCO-17 in 2D of 8 channels learns from Kinect v2 in 3D of 16, by a bank."""
    teacher = recognizer('union', base_channels=8)
    Config(dict(model=teacher)).dump(teacher_cfg['config'])
    torch.save(dict(state_dict=MODELS.build(teacher).state_dict()), teacher_cfg['checkpoint'])
    for side in (dataset_cfg, dataset_cfg['teacher']):
        side['pipeline'].insert(2, dict(type='MapToUnion'))
    source = MODELS.build(dict(teacher_cfg, reads=('joints',)))
    source.init_weights()
    bank = str(tmp_path / 'bank')
    compute_teacher_files(source, DATASETS.build(dataset_cfg).teacher, bank, batch_size=4)

    model = make_model(
        dict(type='FeatureBank', folder=bank, teacher=teacher_cfg),
        [dict(type='GraphMatchingLoss')],
        student=dict(student_cfg, layout='union'),
        adapter=dict(type='PartAdapter', in_channels=8, out_channels=16),
    )
    batch = load_batch(model, range(12), load_teacher=True)
    losses = model(**batch, mode='loss')
    features, _ = copy.deepcopy(model).student.extract_feat(batch['inputs'], reads=('joints',))
    mapped = model.adapter.pooled(features.joints)
    theirs = iter(source.extract(batch['teacher_inputs'], ('joints',)).joints)
    errors = [
        (mine[person] - other[person]).square().mean()
        for mine, sample in zip(mapped, batch['data_samples'], strict=True)
        if sample.paired
        for other in [next(theirs)]
        for person in range(1 + int(sample.frame_dir.removeprefix('clip')) % 2)
    ]
    assert mapped.shape[2:] == (3, 31, 16) and len(errors) > 9  # pairs, and second persons
    torch.testing.assert_close(losses['loss_graph_feature'], torch.stack(errors).mean())
    model.parse_losses(losses)[0].backward()
    assert all(one.grad is not None for one in model.parameters())


def test_persons_are_matched_by_their_place():
    student = SkeletonFeatures(
        joints=torch.randn(3, 1, 2, 4, 5), person_mask=torch.ones(3, 1, dtype=torch.bool)
    )
    teacher = TeacherFeatures(
        joints=torch.randn(2, 2, 2, 6, 5),
        person_mask=torch.tensor([[True, True], [False, True]]),
        labels=torch.tensor([0, 1]),
        pair=torch.tensor([1, -1, 0]),
    )
    mine, theirs = teacher.joints_of_pairs(student)
    assert torch.equal(mine, student.joints[2, :1])  # clip 0's first person has no counterpart
    assert torch.equal(theirs, teacher.joints[0, :1])
    longer = student.replace(joints=torch.randn(3, 1, 3, 4, 5))
    with pytest.raises(ValueError, match=r'student have 3 steps, of the teacher 2: set.*num_steps'):
        teacher.joints_of_pairs(longer)


# ---------------------------------------------------------------- what losses declare


@MODELS.register_module()
class Secretive(BaseModule):
    """Reads more than it says."""

    reads = ('parts',)

    def forward(self, student, teacher, labels):
        return dict(loss_secret=student.parts.mean() + teacher.logits.mean())


def test_what_a_loss_does_not_declare_it_does_not_get(make_model, teacher_cfg, load_batch):
    """Though another loss has the teacher say it."""
    model = make_model(teacher_cfg, [dict(type='Secretive'), dict(type='KLLoss')])
    assert model.reads == model.teacher.reads == ('parts', 'logits')
    batch = load_batch(model, range(12), load_teacher=True)
    with pytest.raises(AttributeError, match=r"Secretive reads 'logits', .*are \('parts',\)"):
        model(**batch, mode='loss')


def test_losses_that_declare_nothing_or_something_unknown_are_refused():
    silent, wrong, text = torch.nn.Linear(1, 1), PMSCLoss(), PMSCLoss()
    wrong.reads, text.reads = ('part',), 'parts'
    for loss, said in ((silent, 'None'), (wrong, "'part'"), (text, "'parts'")):
        with pytest.raises(ValueError, match=rf'{type(loss).__name__}\.reads is .*{said}'):
            features_read([PMSCLoss(), loss])
    assert features_read([]) == ()
    assert features_read([PMSCLoss(reads='segments'), PMSCLoss()]) == ('parts', 'segments')


def test_padded_joints_are_those_of_the_clip_alone(teacher):
    torch.manual_seed(0)
    clips = [torch.randn(1, 5, 25, 3), torch.randn(2, 9, 25, 3), torch.randn(2, 1, 25, 3)]
    together = teacher.extract(teacher.model.data_preprocessor.collate(clips), ('joints',))
    assert together.joints.shape == (3, 2, 3, 25, 8)
    assert together.person_mask.tolist() == [[True, False], [True, True], [True, True]]
    assert (together.joints[0, 1] == 0).all()
    for row, clip in enumerate(clips):
        alone = teacher.extract(SkeletonBatch(clip[None]), ('joints',))
        assert alone.person_mask.all()
        torch.testing.assert_close(together.joints[row, : len(clip)], alone.joints[0])
