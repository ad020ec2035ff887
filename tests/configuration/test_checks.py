"""Faults of a config are said together, before anything is built."""

import pytest

from partkd.configuration import check_training, load_config

FAULTS = {
    'train_dataloader.batchsize': (4, r'no train_dataloader\.batchsize: did you mean batch_size\?'),
    'train_dataloader.dataset.pipeline.0.type': ('NormalisePose3D', 'mean NormalizePose3D'),
    'train_dataloader.dataset.type': ('PairedDataset', r'no dataset PairedDataset'),
    'train_dataloader.dataset.num_classes': (9, r'num_classes is 9'),
    'train_dataloader.dataset.require_labels': (False, 'require_labels is False'),
    'val_dataloader.dataset.ann_file': ('none.pkl', r'no annotation file .*/none\.pkl'),
    'model.backbone.type': ('STGCM', 'no model STGCM: did you mean STGCN'),
    'train_cfg.max_epochs': (7, 'set it to 7'),
}


def test_a_config_without_faults_passes(configs):
    for name in ('teacher.py', 'tiny.py'):
        check_training(load_config(configs / name))


@pytest.mark.parametrize('key', FAULTS)
def test_one_fault_is_said_as_it_is(key, configs):
    value, said = FAULTS[key]
    with pytest.raises((ValueError, FileNotFoundError), match=said) as error:
        check_training(load_config(configs / 'teacher.py', {key: value}))
    assert 'faults' not in str(error.value)


def test_all_are_said_at_once(configs):
    options = {key: value for key, (value, _) in FAULTS.items()}
    with pytest.raises(ValueError, match='has 6 faults:') as error:
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
