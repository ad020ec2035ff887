"""A comparison that would not be fair is refused before anything is trained."""

from pathlib import Path

import numpy as np
import pytest

from partkd import apis
from partkd.configuration.configs import build_dataset
from partkd.datasets import load_annotations, save_annotations
from partkd.experiments.fair_comparison import check_clips
from partkd.experiments.recipe import Recipe


@pytest.fixture
def cfg(configs):
    return apis.load_config(configs / 'tiny.py')


def test_a_teacher_that_has_seen_the_test_clips_is_refused(cfg, tmp_path):
    cfg.test_dataloader.dataset.split = 'train'
    with pytest.raises(ValueError, match=r'12 clips, such as t0, .*high\.pkl.*low\.pkl'):
        apis.distill(cfg, tmp_path / 'leak')


def test_so_is_a_students_own_config_and_its_teacher(cfg, configs, tmp_path):
    cfg.distill.students['bound'] = dict(config='teacher.py')
    bad = 'train_dataloader.dataset.split'
    cfg.distill.students['bound']['options'] = {bad: 'val'}
    with pytest.raises(ValueError, match=r'6 clips, such as v0, .*high\.pkl \[val\].*low\.pkl'):
        apis.distill(cfg, tmp_path / 'leak')
    cfg.distill.students['bound'] = dict(config='control.py')
    common = configs / 'teacher_low.py'
    common.write_text(common.read_text() + "train_dataloader = dict(dataset=dict(split='val'))")
    with pytest.raises(ValueError, match=r'6 clips, such as v0, .*low\.pkl \[val\].*low\.pkl'):
        apis.distill(cfg, tmp_path / 'leak')


def test_so_is_a_teacher_that_is_tested_on_its_own_clips(cfg, configs, tmp_path):
    teacher = configs / 'teacher_seen.py'
    teacher.write_text(
        "_base_ = './teacher.py'\ntest_dataloader = dict(dataset=dict(split='train'))"
    )
    cfg.model.teacher.teacher.config = str(teacher)
    with pytest.raises(ValueError, match=r'12 clips, such as t0, .*high\.pkl.*high\.pkl'):
        apis.distill(cfg, tmp_path / 'leak')


def test_students_tested_on_other_clips_are_refused(cfg, tmp_path):
    options = {'test_dataloader.dataset.split': 'train'}
    cfg.distill.students['bound'] = dict(config='teacher.py', options=options)
    with pytest.raises(ValueError, match=r"'bound' is tested on high.*'cross entropy' on low.*18"):
        apis.distill(cfg, tmp_path / 'other')


@pytest.fixture
def one_bad(configs, tmp_path):
    """The high-quality file, in which nobody is to be seen in test clip v3."""
    content = load_annotations(configs / 'high.pkl')
    clips = [dict(clip) for clip in content['annotations']]
    bad = next(clip for clip in clips if clip['frame_dir'] == 'v3')
    bad['keypoint'] = np.zeros_like(bad['keypoint'])
    file = tmp_path / 'bad.pkl'
    save_annotations(clips, content['split'], file)
    return {'test_dataloader.dataset.ann_file': str(file)}


def test_so_are_students_of_which_only_one_skips_a_bad_clip(cfg, one_bad, tmp_path):
    options = one_bad | {'test_dataloader.dataset.on_bad_clip': 'skip'}
    cfg.distill.students['bound'] = dict(config='teacher.py', options=options)
    with pytest.raises(ValueError, match=r"'bound' is tested on .*bad.*and 1 clips, such as v3"):
        apis.distill(cfg, tmp_path / 'other')


def test_data_sets_of_the_same_clips_are_read_once(cfg, monkeypatch):
    built = []

    def build(dataset):
        built.append(dataset['ann_file'])
        return build_dataset(dataset)

    monkeypatch.setattr('partkd.experiments.fair_comparison.build_dataset', build)
    check_clips(Recipe(cfg))
    names = [Path(file).name for file in built]
    # those of the student, joined with the teacher's or by itself, and of the teacher
    assert sorted(names) == ['high.pkl', 'high.pkl', 'low.pkl', 'low.pkl']


def test_a_bad_test_clip_is_found_before_anything_is_trained(cfg, one_bad, tmp_path):
    cfg.distill.students['bound'] = dict(config='teacher.py', options=one_bad)
    with pytest.raises(ValueError, match='v3.*no persons'):
        apis.distill(cfg, tmp_path / 'bad')
    assert not list((tmp_path / 'bad').glob('seed_*'))
