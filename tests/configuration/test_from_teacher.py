import pytest

from partkd import apis
from partkd.configuration import fill_in_from_teacher, load_config, pair_config
from partkd.evaluation import METRIC
from partkd.experiments import Recipe


def load(config, options=None):
    cfg = load_config(config, options)
    fill_in_from_teacher(cfg)
    return cfg


def test_the_high_quality_side_is_what_the_teacher_was_trained_on(configs):
    cfg, teacher = load(configs / 'tiny.py'), load(configs / 'teacher.py')
    side, trained = cfg.train_dataloader.dataset.teacher, teacher.train_dataloader.dataset
    for key in ('data_root', 'ann_file', 'layout'):
        assert side[key] == trained[key]
    assert side.pipeline == teacher.test_dataloader.dataset.pipeline != trained.pipeline
    assert cfg.train_dataloader.dataset.ann_file == 'low.pkl'
    assert 'teacher' not in cfg.test_dataloader.dataset


def test_what_the_config_says_of_the_high_quality_side_counts(configs):
    options = {'train_dataloader.dataset.teacher.ann_file': 'other.pkl'}
    cfg = load(load(configs / 'tiny.py', options))
    side = cfg.train_dataloader.dataset.teacher
    assert side.ann_file == 'other.pkl' and side.layout == 'kinect_v1'


def test_another_teacher_has_another_side(configs):
    options = {'model.teacher.teacher.config': str(configs / 'teacher_low.py')}
    assert load(configs / 'tiny.py', options).train_dataloader.dataset.teacher.ann_file == 'low.pkl'
    cfg = load_config(configs / 'tiny.py')
    cfg.distill.students['control'] = dict(options=options)
    recipe = Recipe(cfg)
    sides = {
        student: recipe.student_config(student, 'OP 0', 0).train_dataloader.dataset.teacher.ann_file
        for student in recipe.students
    }
    assert sides == {'cross entropy': 'high.pkl', 'PMSC': 'high.pkl', 'control': 'low.pkl'}


def test_what_neither_config_says_of_the_high_quality_side_is_named(configs):
    teacher = load_config(configs / 'teacher.py', {'test_dataloader': None})
    pipeline = teacher.val_dataloader.dataset.pipeline
    teacher.dump(configs / 'teacher.py')
    with pytest.raises(ValueError, match=r'teacher\.py does not say pipeline .*\.teacher\.pip'):
        load(configs / 'tiny.py')
    cfg = load(configs / 'tiny.py', {'train_dataloader.dataset.teacher.pipeline': pipeline})
    assert cfg.train_dataloader.dataset.teacher.ann_file == 'high.pkl'


def test_a_training_without_the_teachers_config_names_it(configs):
    (configs / 'teacher.py').unlink()
    with pytest.raises(FileNotFoundError, match=r'no config .*teacher\.py'):
        apis.train(configs / 'tiny.py')


def test_a_plain_config_stays_as_it_is(configs):
    assert load(configs / 'common.py').train_dataloader.dataset.get('teacher') is None


@pytest.mark.parametrize(
    'student, teacher',
    [({}, {}), ({'model.neck': dict(num_segments=2)}, {'model.neck': dict(num_segments=2)})],
)
def test_an_adapter_takes_its_widths_from_the_two(configs, student, teacher):
    for name, options in (('common.py', student), ('teacher.py', teacher)):
        cfg = load_config(configs / name, options)
        if options:
            channels = dict(num_segments=2, parts=5)
            cfg.model.cls_head.update(
                reads='segments', in_channels=4 * channels['num_segments'] * channels['parts']
            )
        if name == 'teacher.py':
            cfg.model.cls_head.in_channels *= 2
        cfg.dump(configs / name)
    cfg = load(configs / 'tiny.py', {'model.adapter.type': 'PartAdapter'})
    assert cfg.model.adapter == dict(type='PartAdapter', in_channels=4, out_channels=8)
    cfg = load(cfg, {'model.adapter.out_channels': 16})
    assert cfg.model.adapter.out_channels == 16


def test_two_configs_and_one_call(configs, tmp_path):
    results = apis.distill(
        configs / 'common.py',
        tmp_path / 'work',
        teacher=configs / 'teacher.py',
        students=['KL + PMSC on parts'],
        options={'train_cfg.max_epochs': 1, 'param_scheduler': []},
    )
    assert results.title == 'teacher teaches common'
    assert [run.model for run in results.runs] == ['teacher', 'cross entropy', 'KL + PMSC on parts']
    assert all(METRIC in run.metrics for run in results.runs)


def test_a_pair_has_the_same_classes(configs):
    teacher = load_config(configs / 'teacher.py', {'model.cls_head.num_classes': 3})
    teacher.dump(configs / 'teacher.py')
    with pytest.raises(ValueError, match='the student has 2 classes, the teacher 3'):
        pair_config(configs / 'common.py', configs / 'teacher.py')


def test_a_distillation_is_no_half_of_a_pair(configs):
    with pytest.raises(ValueError, match=r'tiny\.py is the config of a distillation'):
        pair_config(configs / 'tiny.py', configs / 'teacher.py')
