"""Numbers that are infinite or none are no result: each verb says so."""

import math

import pytest
import torch
from mmaction.registry import HOOKS
from mmengine.hooks import Hook

from partkd import apis
from partkd.structures import NonFiniteError

HUGE = {'optim_wrapper.optimizer.lr': 1e30, 'param_scheduler': None, 'custom_hooks': []}


@HOOKS.register_module()
class OverflowHook(Hook):
    """Does what a coordinate of 1e30 does."""

    def after_train_iter(self, runner, **kwargs):
        for name, buffer in runner.model.named_buffers():
            if name.endswith('running_var'):
                buffer.fill_(math.inf)


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    """Whatever goes to ``work_dirs`` stays with the test."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def trained(configs):
    """A teacher after one epoch, where ``tiny.py`` has its teacher."""
    folder = configs / 'work' / 'teacher'
    options = {'train_cfg.max_epochs': 1}
    apis.train(configs / 'teacher.py', folder, validate=False, options=options)
    return (folder / 'epoch_1.pth').rename(folder / 'epoch_3.pth')


def change(checkpoint, **tensors):
    content = torch.load(checkpoint, weights_only=True)
    for name, value in tensors.items():
        content['state_dict'][name.replace('__', '.')][:] = value
    torch.save(content, checkpoint)


def test_a_training_stops_at_the_first_loss_that_is_no_number(configs, tmp_path):
    message = r'epoch 1, step [23]: loss_cls is (nan|inf)\. .*lower the learning rate'
    with pytest.raises(NonFiniteError, match=message):
        apis.train(configs / 'common.py', tmp_path / 'work', options=HUGE)
    assert not list((tmp_path / 'work').glob('*.pth'))


def test_a_distillation_names_each_loss(configs, trained, tmp_path):
    apis.build_teacher_files(configs / 'tiny.py')
    with pytest.raises(NonFiniteError, match=r'step [23]: loss_cls is .*, loss_pmsc is '):
        apis.train(configs / 'tiny.py', tmp_path / 'work', options=HUGE)


def verbs(configs, checkpoint):
    config = configs / 'teacher.py'
    yield lambda: apis.test(config, checkpoint)
    yield lambda: apis.publish(config, checkpoint, 'published.pth')
    yield lambda: apis.export(config, checkpoint, 'exported.onnx')
    yield lambda: apis.build_teacher_files(configs / 'tiny.py')


@pytest.mark.parametrize('value', [math.nan, math.inf])
def test_weights_that_are_no_numbers_are_refused(configs, trained, tmp_path, value):
    change(trained, cls_head__fc__weight=value)
    start = dict(load_from=str(trained), custom_hooks=[])
    training = lambda: apis.train(configs / 'teacher.py', 'again', options=start)  # noqa: E731
    for verb in (*verbs(configs, trained), training):
        with pytest.raises(NonFiniteError, match=r'epoch_3\.pth: .* cls_head\.fc\.weight .*again'):
            verb()
    assert not [*tmp_path.glob('published*'), *tmp_path.glob('exported*')]
    assert not (configs / 'work' / 'teacher_files' / 'record.json').exists()


def test_outputs_that_are_no_numbers_are_refused(configs, trained, tmp_path):
    """Weights that are numbers, and so large that their sums are none."""
    change(trained, backbone__data_bn__weight=1e20, cls_head__fc__weight=1e30)
    test, _, export, build = verbs(configs, trained)
    for verb in (test, export, build):
        with pytest.raises(NonFiniteError, match='(pred_score|logits) are infinite or no numbers'):
            verb()
    assert not [*tmp_path.glob('exported*')]
    assert not (configs / 'work' / 'teacher_files' / 'record.json').exists()


def test_a_bank_alone_of_outputs_that_are_no_numbers_is_refused(configs, trained):
    change(trained, backbone__data_bn__weight=1e20, cls_head__fc__weight=1e30)
    cfg = apis.load_config(configs / 'tiny.py')
    cfg.model.losses = [dict(type='KLLoss')]
    with pytest.raises(NonFiniteError, match=r'the teacher, on t\d+ and .*logits'):
        apis.build_teacher_files(cfg)
    assert not list((configs / 'work' / 'teacher_files').glob('labels.npy'))


def test_no_checkpoint_of_weights_that_are_no_numbers_is_written(configs, tmp_path):
    """A running variance grows without a trace in the losses of a training."""
    options = {'custom_hooks': [dict(type='OverflowHook')]}
    with pytest.raises(NonFiniteError, match=r'the model in epoch 1: .*running_var'):
        apis.train(configs / 'common.py', tmp_path / 'work', options=options)
    assert not list((tmp_path / 'work').glob('*.pth'))
