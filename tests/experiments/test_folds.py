import numpy as np
import pytest
from mmaction.registry import DATASETS

from partkd import apis
from partkd.datasets import load_annotations, save_annotations
from partkd.experiments.folds import make_folds
from partkd.experiments.recipe import Recipe, TeacherFiles


@pytest.fixture
def recipe(configs):
    """``t0`` to ``t11`` are of four people, ``t0_s1`` to ``t11_s10``; the poor file lacks one."""
    for file in (configs / 'high.pkl', configs / 'low.pkl'):
        content = load_annotations(file)
        names = {f't{i}': f't{i}_s{(1, 2, 3, 10)[i // 3]}' for i in range(12)}
        clips = [
            clip | dict(frame_dir=names.get(clip['frame_dir'], clip['frame_dir']))
            for clip in content['annotations']
        ]
        if file.stem == 'low':
            clips[4]['keypoint'] = np.zeros_like(clips[4]['keypoint'])
        content['split']['train'] = list(names.values())
        save_annotations(clips, content['split'], file)
    cfg = apis.load_config(configs / 'tiny.py')
    cfg.train_dataloader.dataset.on_bad_clip = 'skip'
    return Recipe(cfg)


def test_each_person_is_left_out_once(recipe):
    folds = make_folds(recipe.every_config(), r'_s(\d+)')
    assert [fold.name for fold in folds] == ['1', '2', '3', '10']
    everyone = {clip for fold in folds for clip in fold.train}
    assert everyone == set(folds[0].train + folds[0].test) and len(everyone) == 12
    for fold in folds:
        assert all(clip.endswith(f'_s{fold.name}') for clip in fold.test)
        assert not any(clip.endswith(f'_s{fold.name}') for clip in fold.train)
    # the clip that students cannot see is trained on by the teacher and tested by nobody
    assert [len(fold.test) for fold in folds] == [3, 2, 3, 3]
    assert 't4_s2' in folds[0].train


def test_what_is_built_of_a_cut_config_stays_within_the_fold(recipe):
    fold = make_folds(recipe.every_config(), r'_s(\d+)')[1]
    files = TeacherFiles('t.pth', 'made')
    teacher = fold.cut(recipe.teacher_config(0))
    student = fold.cut(recipe.student_config('PMSC', 'OP .6', 0, files))
    for cfg, bad in ((teacher, set()), (student, {'t4_s2'})):
        train = DATASETS.build(cfg.train_dataloader.dataset)
        test = DATASETS.build(cfg.test_dataloader.dataset)
        assert set(train.frame_dirs) == set(fold.train) - bad
        assert sorted(test.frame_dirs) == ['t3_s2', 't5_s2']
        assert test.test_mode and not train.test_mode
        assert 'RotateSkeleton' not in {step['type'] for step in test.pipeline_cfg}
    pairs = DATASETS.build(student.train_dataloader.dataset).teacher
    assert set(pairs.frame_dirs) == set(fold.train)
    (step,) = [s for s in student.test_dataloader.dataset.pipeline if s.type == 'JointOcclusion']
    assert step.prob == 0.6
    # the config that was cut is as it was
    assert 'frame_dirs' not in recipe.teacher_config(0).train_dataloader.dataset


def test_all_clips_are_those_of_the_test_split_too(recipe):
    recipe.cfg.train_dataloader.dataset.split = 'xsub'
    files = TeacherFiles('t.pth', 'made')
    cfgs = recipe.every_config()
    within, everywhere = (make_folds(cfgs, r'(?:_s|v)(\d)', whole) for whole in (False, True))
    clips = [{clip for fold in folds for clip in fold.train} for folds in (within, everywhere)]
    assert clips[0] < clips[1]
    fold = everywhere[-1]
    for cfg in (recipe.teacher_config(0), recipe.student_config('PMSC', 'OP .6', 0, files)):
        cut = fold.cut(cfg)
        train = DATASETS.build(cut.train_dataloader.dataset)
        assert set(train.frame_dirs) | {'t4_s2'} >= set(fold.train)
        assert sorted(DATASETS.build(cut.test_dataloader.dataset).frame_dirs) == list(fold.test)
    assert set(train.teacher.frame_dirs) == set(fold.train) - {'t4_s2'}


def test_a_students_own_choice_of_clips_stays(recipe):
    fold = make_folds(recipe.every_config(), r'_s(\d+)')[0]
    cfg = recipe.teacher_config(0)
    cfg.train_dataloader.dataset.frame_dirs = ['t0_s1', 't3_s2', 't6_s3']
    assert fold.cut(cfg).train_dataloader.dataset.frame_dirs == ['t3_s2', 't6_s3']
    cfg.train_dataloader.dataset.indices = 5
    with pytest.raises(ValueError, match='by indices.*frame_dirs'):
        fold.cut(cfg)


@pytest.mark.parametrize(
    ('regex', 'error'),
    [
        (r'_s\d+', 'has no group: put'),
        (r'_x(\d+)', "finds nothing in the training clip 't"),
        (r'(t)', r"the same in all training clips, \['t'\]"),
        (r't(\d+)_', r"of \['4'\] no clip is good in all"),
    ],
)
def test_an_expression_that_does_not_group_is_named(recipe, regex, error):
    with pytest.raises(ValueError, match=error):
        make_folds(recipe.every_config(), regex)


def test_a_pretraining_sees_nothing_of_who_is_left_out(recipe, configs):
    """Other data sets stay whole; a clip that nobody tests is of a person who is left out, too."""
    fold = make_folds(recipe.every_config(), r'_s(\d+)')[1]
    cfg = apis.load_config(configs / 'pretraining.py')
    own = cfg.train_dataloader.dataset.datasets[0]
    own.update(ann_file='high.pkl', layout='kinect_v1', pipeline=[dict(type='PackSkeletonInputs')])
    cfg.train_dataloader.dataset.datasets = [own, own | dict(split='val')]
    cut = fold.cut_unlabelled(cfg).train_dataloader.dataset.datasets
    names = [DATASETS.build(dataset).frame_dirs for dataset in cut]
    assert sorted(names[0]) == sorted(fold.train) and 't4_s2' not in names[0]
    assert names[1] == [f'v{number}' for number in range(6)]
    assert 'frame_dirs' not in cfg.train_dataloader.dataset.datasets[0]
