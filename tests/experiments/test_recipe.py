import pytest

from partkd import apis
from partkd.experiments.recipe import Recipe, TeacherFiles

FILES = TeacherFiles('t.pth', 'made')


@pytest.fixture
def cfg(original):
    return apis.load_config(original / 'tiny.py')


ADDED = {'JointJitter', 'FrameLoss', 'PartLoss'}


def student(cfg, name, condition='OP 0', seed=0):
    return Recipe(cfg).student_config(name, condition, seed, FILES)


def test_students_read_the_chains_own_files(cfg):
    model = student(cfg, 'PMSC').model
    assert model.teacher.folder == 'made'
    assert model.teacher.teacher.checkpoint == 't.pth'
    assert model.losses[0].part_matrix.folder == 'made'
    assert "'made'" not in cfg.pretty_text


def test_seed_and_occlusion_are_filled_in(cfg):
    one = student(cfg, 'PMSC', 'OP .6', 7)
    assert one.randomness.seed == 7
    (step,) = [s for s in one.test_dataloader.dataset.pipeline if s.type == 'JointOcclusion']
    assert (step.prob, step.scope) == (0.6, 'clip')


@pytest.mark.parametrize(
    'several, seeds, expected',
    [
        (1, [0, 7], [[0], [7]]),
        (2, [0, 1, 2, 3], [[0, 1], [1, 0], [2, 3], [3, 2]]),
        (5, [3, 9], [[3, 4, 0, 1, 2], [9, 5, 6, 7, 8]]),
    ],
)
def test_seeds_share_teachers_and_each_begins_with_its_own(cfg, several, seeds, expected):
    cfg.model.teacher.teacher.checkpoint = [f'{number}.pth' for number in range(several)]
    recipe = Recipe(cfg)
    numbers = range(several)
    for seed, theirs in zip(seeds, expected):
        assert [recipe.teacher_seed(seed, 'PMSC', number) for number in numbers] == theirs
        cfgs = [recipe.teacher_config(seed, 'PMSC', number) for number in numbers]
        assert [one.randomness.seed for one in cfgs] == theirs
        assert recipe.teacher_config(seed).randomness.seed == seed  # the row of the report


def test_transforms_come_behind_all_that_makes_the_input_poorer(cfg):
    fill = dict(type='FillMissingJoints', by='linear')
    cfg.distill.students['filled'] = dict(losses=[], behind_degradations=[fill])
    cfg.distill.conditions['jitter'] = dict(prob=0.3, degradations=['jitter'])
    one, plain = (student(cfg, name, 'jitter') for name in ('filled', 'cross entropy'))
    for split in ('train', 'test'):
        steps, expected = (
            [dict(step) for step in made[f'{split}_dataloader'].dataset.pipeline]
            for made in (one, plain)
        )
        place = [step['type'] for step in expected].index('JointOcclusion') + 1
        assert expected[place - 2]['type'] == 'JointJitter'
        assert steps == [*expected[:place], fill, *expected[place:]]


def test_losses_are_replaced_and_options_merged(cfg):
    cfg.distill.students['KL'] = dict(
        losses=[dict(type='KLLoss', loss_weight=2.0)],
        options={'model.student.cls_head.label_smooth_eps': 0.1, 'model.teacher.contrast': 'bank'},
    )
    model = student(cfg, 'KL').model
    assert [loss.type for loss in model.losses] == ['KLLoss']
    assert model.student.cls_head.label_smooth_eps == 0.1
    assert model.teacher.contrast == 'bank'
    assert 'label_smooth_eps' not in student(cfg, 'PMSC').model.student.cls_head


def test_without_losses_the_student_is_plain_and_sees_the_same_clips(cfg):
    cfg.train_dataloader.dataset.load_teacher = True
    plain = student(cfg, 'cross entropy')
    assert plain.model.type == 'SkeletonRecognizer'
    assert plain.train_dataloader.dataset.load_teacher is False
    assert plain.train_dataloader.dataset.teacher.ann_file == 'high.pkl'


def test_a_condition_degrades_training_and_test(cfg):
    """One after the other, ahead of the streams; in test by others where it says so."""
    cfg.distill.pop('paper')
    cfg.distill.conditions = {
        'both': dict(prob=0.3, degradations=['jitter', 'frames:form=block']),
        'test alone': dict(test_degradations=['part:part=legs']),
    }

    def steps(condition, split):
        loader = student(cfg, 'PMSC', condition)[f'{split}_dataloader']
        return [
            step for step in loader.dataset.pipeline if step['type'] in ADDED | {'JointOcclusion'}
        ]

    for split in ('train', 'test'):
        jitter, frames, joints = steps('both', split)
        assert (jitter['type'], frames['form'], joints['prob']) == ('JointJitter', 'block', 0.3)
    assert [step['prob'] for step in steps('test alone', 'train')] == [0]
    legs, joints = steps('test alone', 'test')
    assert (legs['part'], joints['prob']) == ('legs', 0)


def test_students_and_conditions_are_chosen(cfg):
    recipe = Recipe(cfg, students=['PMSC'], conditions=['OP .6'])
    assert list(recipe.conditions) == ['OP .6']
    assert recipe.students == ['cross entropy', 'PMSC']  # the baseline is always there
    recipe = Recipe(cfg, seeds=[5, 3], students=['PMSC', 'cross entropy'])
    assert recipe.seeds == [5, 3] and recipe.students == ['cross entropy', 'PMSC']
    with pytest.raises(ValueError, match=r"no condition is named \['OP 1'\].*'OP \.6'"):
        Recipe(cfg, conditions=['OP 1'])
    with pytest.raises(ValueError, match=r"no student is named \['KD'\].*'cross entropy', 'PMSC'"):
        Recipe(cfg, students=['KD'])


def test_a_student_starts_from_another(cfg):
    cfg.distill.students |= dict(
        again=dict(losses=[], starts_from='PMSC'), further=dict(losses=[], starts_from='again')
    )
    recipe = Recipe(cfg, students=['further'])
    assert recipe.students == ['cross entropy', 'PMSC', 'again', 'further']
    one, other = (recipe.student_config('again', 'OP 0', 0, weights=text) for text in ('a', 'b'))
    assert (one.load_from, other.load_from) == ('a', 'b')
    assert recipe.student_config('cross entropy', 'OP 0', 0).get('load_from') is None
    cfg.distill.students['PMSC'] = dict(starts_from='again')
    message = r"'PMSC' starts from 'again', .*above it in distill\.students, \['cross entropy'\]"
    with pytest.raises(ValueError, match=message):
        Recipe(cfg)


def test_nothing_is_chosen_on_the_test_split(cfg):
    cfg.default_hooks.checkpoint.save_best = 'auto'
    for one in (student(cfg, 'PMSC'), Recipe(cfg).teacher_config(0)):
        assert one.val_dataloader is one.val_cfg is one.val_evaluator is None
        assert 'save_best' not in one.default_hooks.checkpoint
        assert 'val_interval' not in one.train_cfg


def test_needs_of_the_students(cfg):
    assert Recipe(cfg).needs('PMSC') == (('parts',), True)
    cfg.distill.students['KL'] = dict(losses=[dict(type='KLLoss')])
    # made for all, so that a choice of students does not change the file
    assert Recipe(cfg, students=['KL']).needs('KL') == (('parts', 'logits'), True)
    del cfg.distill.students['PMSC']
    assert Recipe(cfg).needs('KL') == (('logits',), False)
    cfg.model.teacher = cfg.model.teacher.teacher
    assert Recipe(cfg).needs('KL') == ((), False)


@pytest.mark.parametrize('loss', [dict(type='NoSuchLoss'), dict(type='KLLoss', heat=3)])
def test_a_loss_that_cannot_be_built_is_found_before_anything_is_trained(cfg, loss, tmp_path):
    cfg.distill.students['other'] = dict(losses=[loss])
    with pytest.raises(ValueError, match=rf'model\.losses\.0: .*{loss["type"]}'):
        apis.distill(cfg, tmp_path / 'work')
    assert not list(tmp_path.glob('work/seed_*'))


def test_files_are_shared_unless_the_teachers_side_differs(cfg):
    cfg.distill.students['KL'] = dict(losses=[dict(type='KLLoss')])
    augmented = {'train_dataloader.dataset.pipeline.1.max_degrees': 3}
    cfg.distill.students['augmented'] = dict(options=augmented)
    assert Recipe(cfg).num_steps == 1 + 1 + 2 * 4
    assert Recipe(cfg).needs('augmented') == (('parts', 'logits'), True)
    cfg.distill.students['KL']['options'] = {'train_dataloader.dataset.paired_fraction': 0.5}
    assert Recipe(cfg).num_steps == 1 + 2 + 2 * 4
    assert Recipe(cfg).needs('KL') == (('logits',), False)
    assert Recipe(cfg, students=['cross entropy']).num_steps == 1 + 2


def test_a_student_with_a_config_of_its_own(cfg):
    """Relative to the recipe; distilled by its own teacher, or plain."""
    options = {'model.losses.0.loss_weight': 3.0}
    cfg.distill.students['control'] = dict(config='control.py', options=options)
    cfg.distill.students['bound'] = dict(config='teacher.py')
    cfg.distill.students['undistilled control'] = dict(config='control.py', losses=[])
    recipe = Recipe(cfg)
    control = student(cfg, 'control', 'OP .6', 7)
    assert control.train_dataloader.dataset.teacher.ann_file == 'low.pkl'
    assert control.model.losses[0].loss_weight == 3.0
    assert control.model.teacher.folder == 'made' and control.randomness.seed == 7
    assert recipe.teacher_config(0, 'control').model.layout == 'coco'
    assert recipe.teacher_config(0).model.layout == 'kinect_v1'
    bound = student(cfg, 'bound', 'OP .6')
    assert bound.model.layout == 'kinect_v1'
    (step,) = [s for s in bound.test_dataloader.dataset.pipeline if s.type == 'JointOcclusion']
    assert step.prob == 0.6
    assert student(cfg, 'undistilled control').model.type == 'SkeletonRecognizer'
    # a teacher and its files more, and three students under two conditions
    assert recipe.num_steps == Recipe(cfg, students=['PMSC']).num_steps + 2 + 3 * 2


@pytest.mark.parametrize(
    ('entry', 'error'),
    [
        (dict(config='nowhere.py'), 'no config .*nowhere.py'),
        (dict(config='teacher.py', losses=[dict(type='KLLoss')]), "'x' has losses .*no teacher"),
    ],
)
def test_a_bad_config_of_a_student_is_named(cfg, entry, error):
    cfg.distill.students['x'] = entry
    with pytest.raises((ValueError, FileNotFoundError), match=error):
        Recipe(cfg)


@pytest.mark.parametrize(
    ('change', 'error'),
    [
        (lambda cfg: cfg.pop('distill'), 'says nothing of what to distil'),
        (lambda cfg: cfg.distill.pop('students'), 'says nothing of what to distil'),
        (lambda cfg: cfg.distill.update(sedes=[1]), r"unknown settings \['sedes'\]"),
        (lambda cfg: cfg.distill.students.update(teacher=None), 'cannot be named'),
        (
            lambda cfg: cfg.distill.update(part_matrix=dict(fill='x')),
            "fill='x'; it takes fill, one",
        ),
        (lambda cfg: cfg.distill.update(part_matrix=dict(scroe='x')), "has scroe='x'; it takes"),
        (lambda cfg: cfg.distill.students.update({'a|b': None}), r"'a\|b' is no name"),
        (lambda cfg: cfg.distill.students.update({1: None}), '1 is no name'),
        (lambda cfg: cfg.distill.conditions.update({'|': dict(prob=0.3)}), 'is no name'),
        (
            lambda cfg: cfg.train_dataloader.dataset.update(num_classes=3),
            r'dataset\.num_classes is 3 and model\.cls_head\.num_classes is 2',
        ),
        (lambda cfg: cfg.distill.students.update(x=dict(loss=[])), r"'x' has .* \['loss'\]"),
        (
            lambda cfg: cfg.distill.conditions.update(x=dict(op=0.3)),
            r"conditions\['x'\]=.*it is a dict with prob",
        ),
        (lambda cfg: cfg.distill.conditions.update(x={}), r"conditions\['x'\] says nothing"),
        (
            lambda cfg: cfg.distill.conditions.update(x=dict(degradations=['frame'])),
            "no degradation 'frame': did you mean frames",
        ),
        (lambda cfg: cfg.distill.conditions.update(x=dict(prob=0.3, scope='all')), 'scope'),
        (lambda cfg: cfg.test_dataloader.dataset.pipeline.pop(1), 'test_dataloader has no Joint'),
        (lambda cfg: cfg.distill.update(paper={'OP 1': (1, 2, 3)}), r"has \['OP 1'\]"),
        (lambda cfg: cfg.model.update(type='SkeletonRecognizer'), 'only a distillation config'),
        (lambda cfg: cfg.model.teacher.pop('teacher'), 'names no teacher'),
        (lambda cfg: cfg.model.teacher.teacher.pop('checkpoint'), r'teacher\.checkpoint to a file'),
        (lambda cfg: cfg.model.teacher.teacher.update(checkpoint=[]), 'has no checkpoint'),
    ],
)
def test_a_bad_recipe_is_named(cfg, change, error):
    change(cfg)
    with pytest.raises(ValueError, match=error):
        Recipe(cfg)
