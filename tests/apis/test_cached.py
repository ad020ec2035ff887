"""Training, testing and the teacher's files with stored clips."""

import numpy as np
import pytest
import torch
from torch import Tensor

from partkd import apis
from partkd.files import read_record


@pytest.fixture
def options(tmp_path) -> dict:
    """Settings that give every data set a cache."""
    cache = dict(folder=str(tmp_path / 'cache'))
    return {f'{split}_dataloader.dataset.cache': cache for split in ('train', 'val', 'test')}


def weights(work_dir) -> dict[str, Tensor]:
    return torch.load(work_dir / 'epoch_3.pth', weights_only=True)['state_dict']


def test_training_is_the_same_every_time_and_after_a_break(configs, options, tmp_path):
    options['default_hooks.checkpoint.max_keep_ckpts'] = -1
    config = configs / 'teacher.py'
    apis.train(config, tmp_path / 'one', options=options)
    apis.train(config, tmp_path / 'again', options=options)
    apis.train(config, tmp_path / 'late', resume=tmp_path / 'one' / 'epoch_1.pth', options=options)
    one, again, late = (weights(tmp_path / name) for name in ('one', 'again', 'late'))
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert all(torch.equal(one[name], late[name]) for name in one)


def test_the_teachers_files_and_a_test_are_the_same(
    reference, configs, options, find_step, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    checkpoint = find_step(reference.work_dir, 'teacher') / 'epoch_3.pth'
    cfg = apis.load_config(configs / 'tiny.py', options)
    cfg.model.teacher.teacher.checkpoint = str(checkpoint)
    made = apis.build_teacher_files(cfg)
    reference_files = find_step(reference.work_dir, 'teacher_files') / 'files'
    ours, theirs = read_record(made), read_record(reference_files)
    assert ours['outputs'] == theirs['outputs']
    for name in ours['outputs']:
        array, expected = np.load(made / name), np.load(reference_files / name)
        if array.dtype.kind == 'f':
            np.testing.assert_allclose(array, expected, rtol=1e-4, atol=1e-5)
        else:
            np.testing.assert_array_equal(array, expected)
    same = dict.fromkeys(('teacher model', 'order'), 0)
    assert ours['fingerprint'] | same == theirs['fingerprint'] | same
    occluded = dict(occlusion=0.4)
    plain = apis.test(configs / 'teacher.py', checkpoint, **occluded)
    assert apis.test(configs / 'teacher.py', checkpoint, options=options, **occluded) == plain


def test_a_teacher_in_the_loop_gives_what_a_bank_gives(
    reference, configs, options, find_step, tmp_path
):
    cfg = apis.load_config(configs / 'tiny.py', options)
    checkpoint = find_step(reference.work_dir, 'teacher') / 'epoch_3.pth'
    cfg.model.teacher.teacher.checkpoint = str(checkpoint)
    cfg.model.losses = [dict(type='KLLoss')]
    cfg.train_dataloader.num_workers = 1
    apis.build_teacher_files(cfg)
    by_bank = apis.train(cfg, tmp_path / 'bank').state_dict()
    cfg.model.teacher = cfg.model.teacher.teacher
    cfg.train_dataloader.dataset.load_teacher = True
    in_the_loop = apis.train(cfg, tmp_path / 'loop').state_dict()
    assert in_the_loop.keys() == by_bank.keys()
    for name, value in in_the_loop.items():
        torch.testing.assert_close(value, by_bank[name], rtol=1e-3, atol=1e-4)
