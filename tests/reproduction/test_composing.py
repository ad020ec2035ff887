"""The configs of jobs are those of the repository, with what a row changes."""

import copy
from pathlib import Path

import pytest
from mmaction.registry import MODELS
from mmengine.registry import DefaultScope

from partkd.configuration import build_dataset, fill_in_from_teacher, load_config, set_occlusion
from partkd.experiments import Recipe
from partkd.reproduction import job_config, make_plan, read_table, side_config

from .conftest import SMALL

CONFIGS = Path(__file__).resolve().parents[2] / 'configs' / 'partkd'


def make_job(number, row, split=0):
    table = read_table(f'table{number}')
    return table, list(make_plan(table, table.select([row])).jobs.values())[split]


def recipe_of(number, row, data, work_dir, options=None, split=0):
    table, job = make_job(number, row, split)
    return Recipe(job_config(table, job, data, work_dir, options))


SMALL_TABLES = ['small/pairs', 'small/backbones', 'small/partial_pairs']


@pytest.mark.parametrize(
    ('split', 'name'), [(0, 'stgcn_ntu60_xsub_hetero.py'), (1, 'stgcn_ntu60_xview_hetero.py')]
)
def test_the_recipe_is_that_of_the_config(split, name, tmp_path):
    """But for the student's file: all of model, data and schedule."""
    recipe = recipe_of(1, 'ntu60-kd-op3', Path('data'), tmp_path, split=split)
    ours, theirs = recipe.student_config('with KD', 'OP .3', 1), load_config(CONFIGS / name)
    theirs = Recipe(theirs).student_config('PMSC (alpha 10)', 'OP .3', 1)
    file = 'data/skeleton/ntu60_pifpaf_shufflenetv2x1_coco17_2d.pkl'
    for loader in (ours.train_dataloader, ours.test_dataloader):
        assert loader.dataset.ann_file == file
        loader.dataset.ann_file = 'data/skeleton/ntu60_2d.pkl'
    teachers = [cfg.model.teacher.pop('teacher').config for cfg in (ours, theirs)]
    assert ours.model.pop('adapter') is None
    for key in ('model', 'train_dataloader', 'test_dataloader', 'train_cfg', 'optim_wrapper'):
        assert ours[key] == theirs[key], key
    assert ours.param_scheduler == theirs.param_scheduler
    first, second = map(load_config, teachers)
    for key in ('model', 'train_dataloader', 'test_dataloader', 'train_cfg', 'optim_wrapper'):
        assert first[key] == second[key], key


def test_neighbours_differ_in_what_the_paper_changed(tmp_path):
    recipe = recipe_of(1, 'sysu-kd-op3', Path('data'), tmp_path)
    cfgs = [recipe.student_config('with KD', name, 0) for name in ('OP 0', 'OP .6')]
    assert cfgs[0].to_dict() != cfgs[1].to_dict()
    for cfg, prob in zip(cfgs, (0.0, 0.6)):
        for loader in (cfg.train_dataloader, cfg.test_dataloader):
            (step,) = [s for s in loader.dataset.pipeline if s.type == 'JointOcclusion']
            assert step.prob == prob
    for cfg in cfgs:
        set_occlusion(cfg, 0.3)
    assert cfgs[0].to_dict() == cfgs[1].to_dict()


def test_students_of_table_4_differ_in_their_losses(tmp_path):
    recipe = recipe_of(4, 'ntu60-kl', Path('data'), tmp_path)
    cfgs = {name: recipe.student_config(name, 'OP 0', 0) for name in recipe.known}
    losses = {
        name: [loss.type for loss in cfg.model.get('losses', [])] for name, cfg in cfgs.items()
    }
    assert losses == {
        'without KD': [],
        'KL': ['KLLoss'],
        'global MSC': ['GlobalMSCLoss'],
        'with KD': ['PMSCLoss'],
        '3S-RA-GCN': [],
        'PE-GCN': [],
        'filled on a line': [],
        'filled by the mean': [],
        'filled by the nearest': [],
    }
    filled = cfgs['filled by the mean'].test_dataloader.dataset.pipeline
    assert dict(type='FillMissingJoints', by='mean') in filled
    assert next(iter(recipe.known)) == 'KL'  # the only one that is asked for
    kl = copy.deepcopy(cfgs['KL'])
    kl.model.losses = cfgs['with KD'].model.losses
    assert kl.to_dict() == cfgs['with KD'].to_dict()


@pytest.mark.parametrize(
    ('row', 'kind', 'channels'),
    [
        ('ntu60-kd-agcn', 'MaskedAGCN', (3, 3)),
        ('ntu60-kd-efficientgcn', 'MaskedEfficientGCN', (18, 12)),  # six streams in 3D and 2D
        ('ntu60-pa-resgcn', 'MaskedPAResGCN', (18, 12)),
        ('ntu60-pr-gcn', 'MaskedPRGCN', (3, 3)),
    ],
)
def test_other_blocks(row, kind, channels):
    """Of both sides; layout, classes and file stay, and the network fits what it sees."""
    table, job = make_job(3, row)
    for side, layout, given in zip((job.teacher, job.student), ('nturgb+d', 'coco'), channels):
        cfg = side_config(table, job, side, Path('data'), {'train_cfg.max_epochs': 1})
        assert cfg.model.backbone.type == kind and cfg.model.layout == layout
        assert cfg.model.cls_head.num_classes == 60 and cfg.train_cfg.max_epochs == 1
        file = table.data_sets['ntu60'].skeletons[side].file
        assert cfg.test_dataloader.dataset.ann_file == f'data/{file}'
        (step,) = [s for s in cfg.test_dataloader.dataset.pipeline if s.type == 'SkeletonStreams']
        coordinates = 3 if layout == 'nturgb+d' else 2
        seen = coordinates * len(step.streams) + step.get('with_score', False)
        assert seen == cfg.model.backbone.in_channels == given
        assert cfg.train_dataloader.dataset.pipeline == cfg.test_dataloader.dataset.pipeline
        with DefaultScope.overwrite_default_scope('mmaction'):
            MODELS.build(cfg.model)


@pytest.mark.parametrize('row', ['ntu60-3s-ra-gcn', 'penn-3s-ra-gcn', 'sysu-3s-ra-gcn'])
def test_ra_gcn_is_three_of_the_students_networks(row, tmp_path):
    recipe = recipe_of(3, row, Path('data'), tmp_path)
    cfg = recipe.student_config('3S-RA-GCN', 'OP 0', 0)
    plain = recipe.student_config('without KD', 'OP 0', 0)
    with DefaultScope.overwrite_default_scope('mmaction'):
        three, one = (MODELS.build(each.model) for each in (cfg, plain))
    assert [len(list(model.backbone.parameters())) for model in (three, *three.later)] == [
        len(list(one.backbone.parameters()))
    ] * 3
    for key in ('train_dataloader', 'test_dataloader', 'optim_wrapper', 'param_scheduler'):
        assert cfg[key] == plain[key]


@pytest.mark.parametrize('row', ['ntu60-pe-gcn', 'penn-pe-gcn-agcn', 'sysu-pe-gcn'])
def test_pe_gcn_sees_the_low_quality_skeletons_with_and_without_noise(row, tmp_path):
    recipe = recipe_of(3, row, Path('data'), tmp_path)
    cfg = recipe.student_config('PE-GCN', 'OP .12 in training', 0)
    trained, tested = cfg.train_dataloader.dataset, cfg.test_dataloader.dataset
    fill_in_from_teacher(cfg)
    assert trained.teacher.ann_file == trained.ann_file == tested.ann_file
    assert trained.load_teacher
    noise = [
        (step.prob, step.get('scope'))
        for side in (trained, trained.teacher, tested)
        for step in side.pipeline
        if step.type == 'JointOcclusion' and step.prob
    ]
    assert noise == [(0.12, 'clip')]
    with DefaultScope.overwrite_default_scope('mmaction'):
        assert type(MODELS.build(cfg.model)).__name__ == 'PredictiveRecognizer'


def test_pairs_of_table_5(root, work_dir):
    """The teacher and the students without solitary clips see the same clips."""
    recipe = recipe_of(5, 'kinect80-kd', root, work_dir, SMALL)
    fill_in_from_teacher(recipe.cfg)
    clips = {}
    for name in recipe.known:
        dataset = recipe.student_config(name, 'OP 0', 0).train_dataloader.dataset
        clips[name] = build_dataset(dataset)
        assert len(clips[name].teacher) == round(0.8 * 8)
    teacher = build_dataset(recipe.teacher_config(0, 'with KD').train_dataloader.dataset)
    pairs = set(teacher.frame_dirs)
    assert len(pairs) == len(teacher) == 6
    for name, length in (('without KD', 6), ('with KD', 6), ('with KD and solitary clips', 8)):
        assert len(clips[name]) == length and pairs <= set(clips[name].frame_dirs)
        assert set(clips[name].teacher.frame_dirs) == pairs


def test_every_job_has_a_config(tmp_path):
    """One of each pair of skeletons, network and share, of all tables."""
    tables = [read_table(name) for name in (*map('table{}'.format, range(1, 6)), *SMALL_TABLES)]
    jobs = {
        job.folder.parent: (table, job)
        for table in tables
        for job in make_plan(table, table.rows).jobs.values()
    }
    assert len(jobs) == 6 + 2 * 3 + 5 + 2 * 3 + 4 + 3 + 4 + 3
    for table, job in jobs.values():
        cfg = job_config(table, job, Path('data'), tmp_path)
        teacher = load_config(cfg.model.teacher.teacher.config)
        for side, skeletons in ((teacher, job.teacher), (cfg, job.student)):
            train, test = side.train_dataloader.dataset, side.test_dataloader.dataset
            assert (train.split, test.split) == (job.train, job.test)
            file = table.data_sets[job.data].skeletons[skeletons].file
            assert train.ann_file == test.ann_file == f'data/{file}'
            assert train.get('paired_fraction', 1) == job.paired
        assert list(cfg.distill.students)[: len(job.students)] == list(job.students)
        assert cfg.model.get('adapter') is None  # both sides have the same width
        for side, skeletons in ((teacher, job.teacher), (cfg, job.student)):
            (step,) = [
                step
                for step in side.test_dataloader.dataset.pipeline
                if step.type == 'SkeletonStreams'
            ]
            dims = 3 if 'kinect' in skeletons else 2
            network = side.model.get('student', side.model).backbone
            seen = dims * len(step.streams) + step.get('with_score', False)
            assert network.get('in_channels', 3) == seen, job.folder
        if job.backbone:  # what a recipe refuses is refused here
            made = Recipe(cfg).student_config(job.students[-1], job.conditions[0], 0)
            with DefaultScope.overwrite_default_scope('mmaction'):
                MODELS.build(made.model)
