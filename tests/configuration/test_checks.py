"""Faults of a config are said together, before anything is built."""

import pytest

from partkd.configuration import check_components, check_training, load_config

FAULTS = {
    'train_dataloader.batchsize': (4, r'no train_dataloader\.batchsize: did you mean batch_size\?'),
    'train_dataloader.dataset.pipeline.0.type': ('NormalisePose3D', 'mean NormalizePose3D'),
    'train_dataloader.dataset.type': ('PairedDataset', r'no dataset PairedDataset'),
    'train_dataloader.dataset.num_classes': (9, r'num_classes is 9'),
    'train_dataloader.dataset.require_labels': (False, 'require_labels is False'),
    'val_dataloader.dataset.ann_file': ('none.pkl', r'no annotation file .*/none\.pkl'),
    'val_dataloader.dataset.pipeline.2.streams': (
        ['bone'],
        r"\['joint'\].* of train_dataloader and .*\['bone'\].* of val_dataloader",
    ),
    'model.backbone.type': ('STGCM', r'backbone: there is no model STGCM: did you mean STGCN'),
    'param_scheduler.0.total_steps': (7, 'total_steps is 7: leave total_steps out'),
}
# Setting, value, and what is said of what is built with it.
ARGUMENTS = [
    ('train_cfg.max_epoch', 2, r'train_cfg: EpochBasedTrainLoop has no max_epoch: .*max_epochs\?'),
    ('train_cfg', dict(by_epoch=True), 'train_cfg: EpochBasedTrainLoop needs max_epochs'),
    ('train_dataloader.dataset.on_bad_clips', 'skip', r'has no on_bad_clips: .*on_bad_clip\?'),
    (
        'train_dataloader.dataset.pipeline',
        [dict(type='JointOcclusion', p=0.0)],
        r'train_dataloader\.dataset\.pipeline\.0: JointOcclusion has no p, and needs prob',
    ),
    ('param_scheduler', [dict(eta_max=0.2)], r'param_scheduler\.0 has no type: a list in a config'),
    ('param_scheduler.0.eta_maxx', 0.1, r'OneCycleLR has no eta_maxx: did you mean eta_max\?'),
    ('custom_hooks', [dict(type='SyncBuffersHook', x=1)], r'custom_hooks\.0: SyncBuffersHook has'),
    ('optim_wrapper.optimizer.rate', 0.1, r'optim_wrapper\.optimizer: SGD has no rate'),
    ('optim_wrapper.type', 'NoWrapper', 'optim_wrapper: there is no optim_wrapper NoWrapper'),
    ('optim_wrapper.type', 1, r'optim_wrapper\.type=1: it is a name'),
    ('train_dataloader.sampler.type', 'Sampler', 'sampler: there is no data sampler Sampler'),
    ('val_evaluator.metric', 1, r'val_evaluator: AccMetric has no metric: did you mean'),
    ('default_hooks.logger.every', 5, r'default_hooks\.logger: LoggerHook has no every'),
    ('model.cls_head.classes', 5, r'model\.cls_head: SkeletonHead has no classes'),
]


def test_a_config_without_faults_passes(configs):
    for name in ('teacher.py', 'tiny.py'):
        check_training(load_config(configs / name))


@pytest.mark.parametrize('key', FAULTS)
def test_one_fault_is_said_as_it_is(key, configs):
    value, said = FAULTS[key]
    with pytest.raises((ValueError, FileNotFoundError), match=said) as error:
        check_training(load_config(configs / 'teacher.py', {key: value}))
    assert 'faults' not in str(error.value)


@pytest.mark.parametrize(('key', 'value', 'said'), ARGUMENTS)
def test_an_argument_that_nothing_takes_is_named_with_its_place(key, value, said, configs):
    """So are those that are missing; the file is named as well."""
    cfg = load_config(configs / 'teacher.py')
    if isinstance(value, dict):
        cfg.merge_from_dict({key: dict(_delete_=True, **value)})
    else:
        cfg.merge_from_dict({key: value})
    with pytest.raises(ValueError, match=rf'teacher\.py: .*{said}'):
        check_components(cfg, ('train', 'val'))


def test_a_class_may_take_any_where_it_uses_them_itself(configs):
    """mmaction2's ST-GCN hands what begins with gcn_ or tcn_ to its blocks."""
    cfg = load_config(configs / 'teacher.py')
    cfg.model.backbone.update(gcn_adaptive='init', tcn_type='mstcn')
    check_components(cfg, ('train', 'test'))


def test_all_are_said_at_once(configs):
    options = {key: value for key, (value, _) in FAULTS.items()}
    with pytest.raises(ValueError, match='has 7 faults:') as error:
        check_training(load_config(configs / 'teacher.py', options))
    for _, said in FAULTS.values():
        assert error.match(said)


def test_files_and_parts_of_a_distillation_are_looked_for(configs):
    options = {
        'model.student.backbone.type': 'A_',
        'model.losses.0.type': 'B_',
        'train_dataloader.dataset.teacher': dict(ann_file='none.pkl', pipeline=[dict(type='C_')]),
        'val_dataloader': None,
    }
    with pytest.raises(ValueError, match='has 2 faults') as error:
        check_training(load_config(configs / 'tiny.py', options))
    for name in ('model A_', 'model B_', 'transform C_', 'none.pkl'):
        assert error.match(name)
