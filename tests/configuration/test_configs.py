import copy

import pytest
from mmengine.config import Config

from partkd import apis
from partkd.configuration import (
    build_dataset,
    check_schedule,
    fill_in_from_teacher,
    set_seed,
    set_work_dir,
)


@pytest.fixture
def cfg(original):
    cfg = apis.load_config(original / 'tiny.py')
    fill_in_from_teacher(cfg)
    return cfg


def occlusion(cfg, split):
    pipeline = cfg[f'{split}_dataloader'].dataset.pipeline
    (step,) = [step for step in pipeline if step.type == 'JointOcclusion']
    return step.prob, step.get('scope')


def test_occlusion_is_set_in_the_splits_asked_for(cfg):
    apis.set_occlusion(cfg, 0.3, 'part', splits=('test',))
    assert occlusion(cfg, 'test') == (0.3, 'part')
    assert occlusion(cfg, 'train') == (0.0, None)
    apis.set_occlusion(cfg, 0.6)
    assert {occlusion(cfg, split) for split in ('train', 'val', 'test')} == {(0.6, 'frame')}


def test_occlusion_is_the_students_alone_also_inside_wrappers(cfg):
    cfg.train_dataloader.dataset = dict(
        type='RepeatDataset', times=2, dataset=cfg.train_dataloader.dataset
    )
    cfg.val_dataloader = None
    apis.set_occlusion(cfg, 0.6)
    dataset = cfg.train_dataloader.dataset.dataset
    assert [s.prob for s in dataset.pipeline if s.type == 'JointOcclusion'] == [0.6]
    assert [s.prob for s in dataset.teacher.pipeline if s.type == 'JointOcclusion'] == [0.0]


def test_a_pipeline_without_occlusion_is_named(cfg):
    cfg.test_dataloader.dataset.pipeline = [dict(type='PackSkeletonInputs')]
    with pytest.raises(ValueError, match='pipeline of test_dataloader has no JointOcclusion'):
        apis.set_occlusion(cfg, 0.6)


def test_data_sets_that_are_joined_are_occluded_alike_and_named(cfg):
    dataset = cfg.test_dataloader.dataset
    joined = dict(type='ConcatDataset', datasets=[dataset, copy.deepcopy(dataset)])
    cfg.test_dataloader.dataset = joined
    apis.set_occlusion(cfg, 0.6)
    for one in cfg.test_dataloader.dataset.datasets:
        assert [s.prob for s in one.pipeline if s.type == 'JointOcclusion'] == [0.6]
    cfg.test_dataloader.dataset.datasets[1].pipeline = [dict(type='PackSkeletonInputs')]
    with pytest.raises(ValueError, match='pipeline of test_dataloader has no JointOcclusion'):
        apis.set_occlusion(cfg, 0.6)
    with pytest.raises(ValueError, match='of one PairedPoseDataset, not of a ConcatDataset'):
        build_dataset(dict(joined, ignore_keys=['dataset_type']))


def test_student_config_needs_no_teacher_and_leaves_the_original(cfg):
    student = apis.student_config(cfg)
    assert student.model.type == 'SkeletonRecognizer'
    assert 'teacher' not in student.train_dataloader.dataset
    assert cfg.model.type == 'KDRecognizer' and 'teacher' in cfg.train_dataloader.dataset
    again = apis.student_config(student)
    assert again.to_dict() == student.to_dict() and again is not student


def test_config_is_a_copy_with_options_merged(cfg):
    changed = apis.load_config(cfg, {'train_cfg.max_epochs': 9})
    assert (changed.train_cfg.max_epochs, cfg.train_cfg.max_epochs) == (9, 3)


@pytest.mark.parametrize(
    ('schedule', 'error'),
    [
        ([dict(type='OneCycleLR')], None),
        ([dict(type='OneCycleLR', total_steps=60)], None),
        ([dict(type='LinearLR', end=5), dict(type='OneCycleLR', total_steps=55, begin=5)], None),
        ([dict(type='OneCycleLR', total_steps=40, end=40), dict(type='ConstantLR')], None),
        ([dict(type='OneCycleLR', total_steps=900, by_epoch=False)], None),
        ([dict(type='OneCycleLR', total_steps=90)], 'total_steps is 90: leave total_steps out'),
        (dict(type='OneCycleLR', total_steps=30), 'total_steps is 30: leave total_steps out'),
        ([dict(type='OneCycleLR', total_steps=30, begin=5)], 'has 55 epochs'),
    ],
)
def test_a_one_cycle_rate_ends_with_the_training(schedule, error):
    cfg = Config(dict(train_cfg=dict(max_epochs=60), param_scheduler=schedule))
    if error:
        with pytest.raises(ValueError, match=error):
            check_schedule(cfg)
    else:
        check_schedule(cfg)


def test_missing_config_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'no config .*nowhere\.py'):
        apis.load_config(tmp_path / 'nowhere.py')


def test_a_base_that_cannot_be_read_is_named(tmp_path):
    """The student's file is whole; it is the teacher's, on which it is based, that is not."""
    (tmp_path / 'base.py').write_text("model = dict(type='A'\n")
    (tmp_path / 'teacher.py').write_text("_base_ = './base.py'\n")
    (tmp_path / 'student.py').write_text("_base_ = './teacher.py'\n")
    for wrong in ('student', 'teacher'):
        message = rf'config \S*/base\.py, a _base_ of \S*/{wrong}\.py, cannot be read \(SyntaxErr'
        with pytest.raises(ValueError, match=message):
            apis.load_config(tmp_path / f'{wrong}.py')
    (tmp_path / 'base.py').write_text('hooks = [1]\n')
    (tmp_path / 'teacher.py').write_text("_base_ = './base.py'\nhooks = dict(a=dict(b=1))\n")
    with pytest.raises(ValueError, match=r'config \S*/teacher\.py, a _base_ of \S*/student\.py, c'):
        apis.load_config(tmp_path / 'student.py')
    with pytest.raises(ValueError, match=r'config \S*/teacher\.py cannot be read \('):
        apis.load_config(tmp_path / 'teacher.py')


def test_work_dir_asked_for_then_the_configs_then_its_name(cfg, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the folders are made
    set_work_dir(cfg, None)
    assert cfg.work_dir == 'work_dirs/tiny'
    set_work_dir(cfg, 'other')
    set_work_dir(cfg, None)
    assert cfg.work_dir == 'other'


def test_seed_replaces_the_configs_only_where_asked_for(cfg):
    cfg.randomness = dict(seed=4, deterministic=True)
    set_seed(cfg, None)
    assert cfg.randomness == dict(seed=4, deterministic=True)
    set_seed(cfg, 0)
    assert cfg.randomness == dict(seed=0, deterministic=True)
    cfg.randomness = None
    set_seed(cfg, None, deterministic=True)
    assert cfg.randomness == dict(seed=None, deterministic=True)
