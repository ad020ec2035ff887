"""Student, teacher and losses at work together."""

import copy

import pytest
import torch
from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.optim import OptimWrapper
from mmengine.runner import load_checkpoint, save_checkpoint

DEVICE = get_device()
LOSSES = [dict(type='PMSCLoss'), dict(type='GlobalMSCLoss'), dict(type='KLLoss')]


@pytest.fixture
def make_model(teacher_cfg, student_cfg):
    """A function that builds the recogniser, as training does."""

    def make(**kwargs):
        torch.manual_seed(0)
        cfg = dict(type='KDRecognizer', student=student_cfg, teacher=teacher_cfg, losses=LOSSES)
        model = MODELS.build(cfg | kwargs)
        model.init_weights()
        return model.to(DEVICE).train()

    return make


def train(model, batch, steps=3):
    optimizer = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9))
    for _ in range(steps):
        loss, log = model.parse_losses(model(**batch, mode='loss'))
        optimizer.update_params(loss)
    return log


def test_gradient_flows_to_the_student_alone_and_the_teacher_stays(make_model, load_batch):
    model = make_model()
    batch = load_batch(model, range(12), load_teacher=True)
    before = copy.deepcopy(model.teacher.state_dict())
    student = copy.deepcopy(model.student.state_dict())

    model.parse_losses(model(**batch, mode='loss'))[0].backward()
    assert all(parameter.grad is None for parameter in model.teacher.parameters())
    assert all(parameter.grad is not None for parameter in model.student.parameters())
    log = train(model, batch)

    assert {'loss_cls', 'loss_pmsc', 'loss_global_msc', 'loss_kl', 'pmsc_ratio'} <= set(log)
    after = model.teacher.state_dict()
    assert any('running_mean' in name for name in after)
    assert all(torch.equal(after[name], before[name]) for name in before)
    assert not torch.equal(
        model.student.state_dict()['cls_head.fc.weight'], student['cls_head.fc.weight']
    )


def test_each_loss_moves_the_backbone(make_model, load_batch):
    for loss in LOSSES:
        model = make_model(losses=[loss])
        batch = load_batch(model, range(12), load_teacher=True)
        losses = model(**batch, mode='loss')
        [name] = [name for name in losses if name.startswith('loss_') and name != 'loss_cls']
        losses[name].backward()
        gradient = model.student.backbone.gcn[0].tcn.conv.weight.grad
        assert gradient.isfinite().all() and gradient.abs().sum() > 0


def test_the_teacher_never_leaves_eval_mode(make_model):
    model = make_model()
    model.train()
    model.teacher.train()
    assert model.student.training
    assert not any(module.training for module in model.teacher.modules())


def test_checkpoint_holds_no_teacher_and_loads_without_one(
    make_model, teacher_cfg, load_batch, tmp_path, student_cfg
):
    model = make_model()
    train(model, load_batch(model, range(12), load_teacher=True))
    file = str(tmp_path / 'student.pth')
    save_checkpoint(dict(state_dict=model.state_dict()), file)
    assert all(name.startswith('student.') for name in torch.load(file)['state_dict'])

    absent = dict(teacher_cfg, checkpoint='absent.pth', config='absent.py')
    cfg = dict(type='KDRecognizer', student=student_cfg, teacher=absent, losses=LOSSES)
    alone = MODELS.build(cfg).to(DEVICE)
    load_checkpoint(alone, file, strict=True)
    batch = load_batch(model, range(5))
    scores = [
        torch.stack([s.pred_score for s in m.eval().test_step(copy.deepcopy(raw))])
        for m, raw in ((model, _raw(batch)), (alone, _raw(batch)))
    ]
    torch.testing.assert_close(*scores)


def _raw(batch):
    inputs = batch['inputs']
    return dict(inputs=list(inputs.keypoint), data_samples=batch['data_samples'])


@pytest.mark.parametrize('adapter', [None, dict(type='PartAdapter', in_channels=8, out_channels=8)])
def test_a_seed_starts_a_student_alike_with_and_without_teacher(make_model, student_cfg, adapter):
    distilled = make_model(adapter=adapter).student.state_dict()
    after = torch.rand(1)
    torch.manual_seed(0)
    plain = MODELS.build(student_cfg)
    plain.init_weights()
    assert torch.equal(after, torch.rand(1))
    for name, value in plain.to(DEVICE).state_dict().items():
        assert torch.equal(value, distilled[name]), name


def test_other_widths_need_an_adapter(make_model, load_batch, student_cfg):
    wide = copy.deepcopy(student_cfg)
    wide['backbone']['base_channels'] = 6
    wide['cls_head']['in_channels'] = 12
    model = make_model(student=wide)
    batch = load_batch(model, range(12), load_teacher=True)
    with pytest.raises(ValueError, match=r"type='PartAdapter', in_channels=12, out_channels=8"):
        model(**batch, mode='loss')
    on_logits_alone = make_model(student=wide, losses=[dict(type='KLLoss')])
    assert on_logits_alone(**batch, mode='loss')['loss_kl'] > 0

    adapter = dict(type='PartAdapter', in_channels=12, out_channels=8)
    model = make_model(student=wide, adapter=adapter)
    model.parse_losses(model(**batch, mode='loss'))[0].backward()
    assert model.adapter.weight.grad.abs().sum() > 0
    assert model.adapter.pooled.weight.grad.abs().sum() > 0


def test_teacher_in_the_loop_without_its_input_is_an_error(make_model, load_batch):
    model = make_model()
    with pytest.raises(ValueError, match='load_teacher=True'):
        model(**load_batch(model, range(12)), mode='loss')


def test_losses_of_one_name_are_refused(make_model, load_batch):
    model = make_model(losses=[dict(type='PMSCLoss'), dict(type='PMSCLoss', reads='segments')])
    batch = load_batch(model, range(12), load_teacher=True)
    with pytest.raises(ValueError, match='PMSCLoss gives loss_pmsc, pmsc_ratio, as another loss'):
        model(**batch, mode='loss')


def test_a_teacher_in_the_loop_has_to_be_padded_as_it_was_trained(make_model, teacher_cfg):
    cfg = Config.fromfile(teacher_cfg['config'])
    cfg.model.data_preprocessor = dict(
        type='SkeletonDataPreprocessor', padding='fixed', num_frames=30
    )
    cfg.dump(teacher_cfg['config'])
    with pytest.raises(ValueError, match=r"'num_frames': 30.*'padding': 'batch'.*FeatureBank"):
        make_model()


def test_a_batch_of_solitary_clips_trains(make_model, load_batch, dataset_cfg):
    dataset = DATASETS.build(dataset_cfg)
    solitary = [i for i, name in enumerate(dataset.frame_dirs) if not dataset.is_paired(name)]
    model = make_model()
    batch = load_batch(model, solitary, load_teacher=True)
    log = train(model, batch, steps=1)
    assert float(log['loss_pmsc']) == float(log['loss_kl']) == 0
    assert float(log['loss_cls']) > 0


def test_an_adapter_has_gradients_whichever_features_are_read(make_model, load_batch):
    """Distributed training wants one for every weight."""
    adapter = dict(type='PartAdapter', in_channels=8, out_channels=8)
    for loss in LOSSES:
        model = make_model(adapter=adapter, losses=[loss])
        losses = model(**load_batch(model, range(12), load_teacher=True), mode='loss')
        model.parse_losses(losses)[0].backward()
        assert all(parameter.grad is not None for parameter in model.adapter.parameters())


def test_the_teacher_computes_in_float32_under_mixed_precision(make_model, load_batch):
    model = make_model()
    batch = load_batch(model, range(12), load_teacher=True)
    plain = model.teacher(batch['data_samples'], batch['teacher_inputs'])
    with torch.autocast(DEVICE, dtype=torch.bfloat16):
        mixed = model.teacher(batch['data_samples'], batch['teacher_inputs'])
        logits = model.student(batch['inputs'])
    assert torch.equal(mixed.parts, plain.parts)
    assert torch.equal(mixed.logits, plain.logits)
    assert logits.dtype == torch.float32
