"""Pre-training without labels, and what starts from it."""

import json

import pytest
import torch

from partkd import apis
from partkd.configuration import load_config
from partkd.experiments import Recipe
from partkd.structures import load_checkpoint

PROBE = {'model.student.frozen_encoder': True}


def weights_of(file):
    return load_checkpoint(file)['state_dict']


@pytest.fixture(scope='module')
def pretrained(original, tmp_path_factory):
    """The last epoch of a pre-training, in a folder with all three."""
    folder = tmp_path_factory.mktemp('pretrained')
    options = {'default_hooks.checkpoint.max_keep_ckpts': 3}
    apis.train(original / 'pretraining.py', folder, options=options)
    return folder / 'epoch_3.pth'


def test_an_interrupted_pretraining_ends_as_if_it_had_not_been(original, pretrained, tmp_path):
    """With the same queues and the same slower copy."""
    for epoch in (1, 2):
        file = f'epoch_{epoch}.pth'
        (tmp_path / file).write_bytes((pretrained.parent / file).read_bytes())
    apis.train(original / 'pretraining.py', tmp_path, resume=True)
    resumed, whole = weights_of(tmp_path / 'epoch_3.pth'), weights_of(pretrained)
    assert {'queues.instance.keys', 'queues.spatial.place', 'slow.steps'} <= whole.keys()
    assert all(torch.equal(resumed[name], value) for name, value in whole.items())
    start = weights_of(pretrained.parent / 'epoch_1.pth')
    assert not torch.equal(whole['queues.instance.keys'], start['queues.instance.keys'])


@pytest.mark.parametrize(('config', 'prefix'), [('common.py', ''), ('pretraining.py', 'encoder.')])
def test_a_training_starts_from_it(config, prefix, configs, pretrained, tmp_path):
    """A recogniser from its backbone; a further pre-training from its encoder."""
    options = dict(load_from=str(pretrained))
    options |= {'optim_wrapper.optimizer.lr': 0.0, 'param_scheduler': None}
    apis.train(configs / config, tmp_path, validate=False, options=options)
    started, given = weights_of(tmp_path / 'epoch_3.pth'), weights_of(pretrained)
    names = [name for name in started if name.startswith(f'{prefix}backbone.')]
    for name in names:
        if 'running' not in name and 'num_batches' not in name:
            assert torch.equal(started[name], given[f'encoder.{name.removeprefix(prefix)}'])
    assert names


def test_another_network_is_no_start(configs, pretrained, tmp_path):
    options = {'load_from': str(pretrained), 'model.backbone.base_channels': 8}
    options['model.cls_head.in_channels'] = 8
    with pytest.raises(ValueError, match='does not fit the model of the config'):
        apis.train(configs / 'common.py', tmp_path, options=options)


@pytest.fixture
def cfg(configs):
    cfg = apis.load_config(configs / 'tiny.py')
    own = dict(pretraining='pretraining.py')
    cfg.distill.pop('paper')
    cfg.distill.students = {
        'plain': dict(losses=[]),
        'probe': dict(losses=[], options=PROBE, **own),
        'pre-trained': own,
    }
    return cfg


def test_a_recipe_pretrains_once_for_each_seed_and_condition(cfg, tmp_path):
    chosen = dict(seeds=[3], conditions=['OP .6'])
    results = apis.distill(cfg, tmp_path, **chosen)
    assert len(results.runs) == results.planned == 4
    (step,) = tmp_path.glob('seed_3/op_6_pre_training-????????')
    given = weights_of(step / 'epoch_3.pth')
    (probe,) = tmp_path.glob('seed_3/op_6_probe-????????')
    learned = weights_of(probe / 'epoch_3.pth')
    for name in learned:  # also statistics
        if name.startswith('backbone.'):
            assert torch.equal(learned[name], given[f'encoder.{name}']), name
    (log,) = tmp_path.glob('seed_3/op_6_pre_trained-????????/*/*.log')
    assert f'Load checkpoint from {step}' in log.read_text()
    assert json.loads((step / 'record.json').read_text())['clips'] == dict(train=12)
    text = (tmp_path / 'distill.log').read_text()
    assert '[6/6]' in text and '[7/6]' not in text and text.count('pre-training of') == 2
    again = apis.distill(cfg, tmp_path, **chosen)
    assert [run.metrics for run in again.runs] == [run.metrics for run in results.runs]


def test_a_condition_makes_the_input_of_a_pretraining_poorer(cfg):
    recipe = Recipe(cfg)
    assert recipe.pretraining_config('plain', 'OP 0', 0) is None
    probs = []
    for condition in ('OP 0', 'OP .6'):
        made = recipe.pretraining_config('probe', condition, 5)
        (dataset,) = made.train_dataloader.dataset.datasets
        probs += [s.prob for s in dataset.pipeline if s.type == 'JointOcclusion']
        assert made.randomness.seed == 5
    assert probs == [0, 0.6]


@pytest.mark.parametrize(
    ('key', 'value', 'message'),
    [
        ('options', {'model.student.backbone.base_channels': 8}, "'probe' has backbone .*: give b"),
        ('pretraining', 'teacher.py', 'teacher.py trains no encoder: name the config'),
        ('pretraining', '', "'probe' has an empty pretraining: name a file"),
        ('pretraining', 'none.py', 'there is no config .*none.py'),
    ],
)
def test_what_a_student_cannot_start_from_is_refused(key, value, message, cfg):
    cfg.distill.students['probe'][key] = value
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        Recipe(cfg)


def test_test_clips_without_labels_are_seen_all_the_same(cfg, configs, tmp_path):
    file = configs / 'pretraining.py'
    own, others = '{{_base_.train_dataloader.dataset}}', '{{_base_.val_dataloader.dataset}}'
    file.write_text(file.read_text().replace(own, others))
    with pytest.raises(ValueError, match=r'6 clips, such as v0, are in .*low\.pkl \[val\], which'):
        apis.distill(cfg, tmp_path)


def test_retrieval_by_the_nearest_training_clip(configs, pretrained, tmp_path):
    """Of a pre-training, and of the encoder that it becomes; beside a loop over clips."""
    told = apis.retrieve(configs / 'common.py', pretrained, tmp_path)
    record = json.loads((tmp_path / 'retrieval.json').read_text())
    assert record['clips'] == dict(train=12, test=6) and record['figures'] == told
    assert f'{100 * told["top1"]:.1f}' in (tmp_path / 'retrieval.md').read_text()
    assert apis.retrieve(configs / 'tiny.py', pretrained, tmp_path) == told  # its student
    with pytest.raises(ValueError, match='neighbours=13, and the gallery has 12 clips'):
        apis.retrieve(configs / 'common.py', pretrained, tmp_path, neighbours=13)


def test_the_configs_own_probe_reads_the_clues(original, pretrained, tmp_path):
    """A recogniser with the encoder's neck starts from it as well."""
    clues = load_config(original / 'pretraining.py').model.encoder.neck
    options = {'model.neck': clues, 'model.cls_head.in_channels': 16, 'load_from': str(pretrained)}
    options['model.frozen_encoder'] = True
    apis.train(original / 'common.py', tmp_path, validate=False, options=options)
    learned, given = weights_of(tmp_path / 'epoch_3.pth'), weights_of(pretrained)
    for name in learned:
        if not name.startswith('cls_head.'):
            assert torch.equal(learned[name], given[f'encoder.{name}']), name
