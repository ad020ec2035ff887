"""What a training may start from, and go on from."""

import copy
import re
from types import SimpleNamespace

import pytest
import torch

from partkd import apis
from partkd.engine.weights import initial_weights
from partkd.experiments import Chain, Recipe
from partkd.models import CrossGraphRecognizer, SkeletonRecognizer

STILL = {
    'optim_wrapper.optimizer.lr': 0.0,
    'param_scheduler': None,
    'train_cfg.max_epochs': 1,
}


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    """Whatever goes to ``work_dirs`` stays with the test."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def files(configs):
    """A teacher after one epoch, and its files, where ``tiny.py`` has them."""
    folder = configs / 'work' / 'teacher'
    options = {'train_cfg.max_epochs': 1}
    apis.train(configs / 'teacher.py', folder, validate=False, options=options)
    (folder / 'epoch_1.pth').rename(folder / 'epoch_3.pth')
    apis.build_teacher_files(configs / 'tiny.py')
    return folder / 'epoch_3.pth'


def train(config, folder, **options):
    """Weights of the checkpoint of one epoch, whose batch statistics do not count."""
    apis.train(config, folder, validate=False, options=STILL | options)
    return saved(folder)


def saved(folder):
    weights = torch.load(folder / 'epoch_1.pth', weights_only=True)['state_dict']
    return {name: value for name, value in weights.items() if 'running' not in name}


def test_plain_and_distilled_start_from_each_other(configs, files, tmp_path):
    adapter = {'model.adapter': dict(type='PartAdapter', in_channels=4, out_channels=4)}
    plain = train(configs / 'common.py', tmp_path / 'plain', **{'randomness.seed': 1})
    start = dict(load_from=str(tmp_path / 'plain' / 'epoch_1.pth'))
    distilled = train(configs / 'tiny.py', tmp_path / 'distilled', **start, **adapter)
    for name, value in plain.items():
        if 'num_batches' not in name:
            assert torch.equal(distilled[f'student.{name}'], value)
    assert any(name.startswith('adapter.') for name in distilled)
    start = dict(load_from=str(tmp_path / 'distilled' / 'epoch_1.pth'))
    again = train(configs / 'common.py', tmp_path / 'again', **start)
    other = train(configs / 'common.py', tmp_path / 'other')
    name = 'cls_head.fc.weight'
    assert torch.equal(again[name], plain[name]) and not torch.equal(other[name], plain[name])


def test_a_student_starts_from_another_of_its_seed(configs, find_step, tmp_path):
    cfg = apis.load_config(configs / 'tiny.py')
    cfg.distill.students = {
        'cross entropy': dict(losses=[]),
        'again': dict(losses=[], starts_from='cross entropy', options=STILL),
    }
    apis.distill(cfg, tmp_path / 'work', conditions=['OP 0'])
    one, other = (
        torch.load(*find_step(tmp_path / 'work', name).glob('epoch_*.pth'), weights_only=True)
        for name in ('op_0_cross_entropy', 'op_0_again')
    )
    for name, value in one['state_dict'].items():
        if not re.search('running|num_batches', name):
            assert torch.equal(value, other['state_dict'][name])


def test_nobody_starts_from_one_that_failed(configs, tmp_path, monkeypatch):
    cfg = apis.load_config(configs / 'tiny.py')
    cfg.distill.students = {
        'plain': dict(losses=[]),
        'again': dict(losses=[], starts_from='plain', options=STILL),
    }

    def train(chain, cfg, model, condition=None):
        if model != 'teacher':
            raise ValueError('broken')

    monkeypatch.setattr(Chain, '_train', train)
    told = []
    observer = SimpleNamespace(failed=lambda name, error: told.append((name, str(error))))
    Chain(Recipe(cfg, conditions=['OP 0']), tmp_path, 0).run(observer)
    assert told == [
        ('seed 0, OP 0, plain', 'broken'),
        ('seed 0, OP 0, again', "it starts from 'plain', which failed"),
    ]


def test_the_target_starts_from_what_was_learned_of_a_source():
    """Without the part that only the source needs; nothing else is left out."""
    settings = dict(
        backbone=dict(
            type='STGCN', base_channels=4, num_stages=1, inflate_stages=[], down_stages=[]
        ),
        cls_head=dict(type='SkeletonHead', num_classes=2, in_channels=4),
    )
    both = CrossGraphRecognizer(**copy.deepcopy(settings), source_layout='kinect_v1')
    plain = SkeletonRecognizer(**settings)
    weights = both.state_dict()
    started = initial_weights(plain, weights)
    assert started.keys() == plain.state_dict().keys()
    assert all(torch.equal(value, weights[name]) for name, value in started.items())
    assert initial_weights(both, weights).keys() == weights.keys()
    assert 'other.weight' in initial_weights(plain, weights | {'other.weight': torch.ones(1)})


def test_a_training_without_anything_to_go_on_from_starts_as_its_config_says(configs, tmp_path):
    plain = train(configs / 'common.py', tmp_path / 'plain', **{'randomness.seed': 1})
    options = STILL | dict(load_from=str(tmp_path / 'plain' / 'epoch_1.pth'))
    apis.train(configs / 'common.py', tmp_path / 'new', resume=True, options=options)
    name = 'cls_head.fc.weight'
    assert torch.equal(saved(tmp_path / 'new')[name], plain[name])


MESSAGE = (
    r'epoch_3\.pth does not fit the model of the config: .* in it and .* in the model; .*'
    r'and \d+ more\. Use the config that it was trained with'
)


@pytest.mark.parametrize('config', ['common.py', 'tiny.py'])
def test_another_models_weights_are_no_start(configs, files, tmp_path, config):
    with pytest.raises(ValueError, match=MESSAGE):
        apis.train(configs / config, tmp_path / 'work', options=dict(load_from=str(files)))
    with pytest.raises(ValueError, match='does not fit the model of the config'):
        apis.train(configs / config, tmp_path / 'work', resume=str(files))


def test_a_distillation_does_not_go_on_from_a_plain_training(configs, files, tmp_path):
    train(configs / 'common.py', tmp_path / 'work')
    with pytest.raises(ValueError, match=r'student\.backbone\..* is missing in it; '):
        apis.train(configs / 'tiny.py', tmp_path / 'work', resume=True)


def test_a_training_that_lost_its_note_goes_on(configs, tmp_path):
    whole = apis.train(configs / 'common.py', tmp_path / 'whole').state_dict()
    keep = {'default_hooks.checkpoint.max_keep_ckpts': 3}
    apis.train(configs / 'common.py', tmp_path / 'killed', options=keep)
    (tmp_path / 'killed' / 'epoch_3.pth').write_bytes(b'half')
    (tmp_path / 'killed' / 'last_checkpoint').unlink()
    resumed = apis.train(configs / 'common.py', tmp_path / 'killed', resume=True).state_dict()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
