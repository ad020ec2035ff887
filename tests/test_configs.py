"""Every config builds its model, and what it says of its data is consistent."""

from pathlib import Path

import pytest
from mmaction.registry import MODELS, TRANSFORMS
from mmengine.config import Config
from mmengine.registry import init_default_scope

from partkd.configuration import (
    check_components,
    counted_settings,
    datasets_inside,
    fill_in_from_teacher,
    innermost_dataset,
    load_config,
)
from partkd.datasets import CONVERTERS
from partkd.datasets.pipeline_split import layout_after
from partkd.distillation import as_list
from partkd.experiments import Recipe, TeacherFiles, read_grid
from partkd.layouts import get_layout

CONFIGS = Path(__file__).resolve().parents[1] / 'configs' / 'partkd'
FILES = sorted(file.name for file in CONFIGS.glob('*.py'))
PRETRAINED = [name for name in FILES if 'encoder' in Config.fromfile(CONFIGS / name).model]
ALL = [name for name in FILES if name not in PRETRAINED]
RECIPES = [name for name in ALL if Config.fromfile(CONFIGS / name).get('distill')]
OF_TWO_DOMAINS = [
    name for name in ALL if Config.fromfile(CONFIGS / name).model.type == 'CrossGraphRecognizer'
]
DISTILLED = [name for name in ALL if Config.fromfile(CONFIGS / name).model.type == 'KDRecognizer']


def load(name: str) -> Config:
    init_default_scope('mmaction')
    cfg = load_config(CONFIGS / name)
    fill_in_from_teacher(cfg)
    return cfg


def datasets(cfg: Config):
    for split in ('train', 'val', 'test'):
        yield split, innermost_dataset(cfg[f'{split}_dataloader'].dataset)


@pytest.mark.parametrize('name', ALL)
def test_model_and_data_agree(name):
    cfg = load(name)
    model = MODELS.build(cfg.model)
    student = getattr(model, 'student', model)
    for split, dataset in datasets(cfg):
        assert dataset.num_classes == student.cls_head.num_classes
        assert dataset.split.endswith('train' if split == 'train' else ('val', 'test'))
        assert dataset.get('test_mode', False) == (split != 'train')
        assert [step.type for step in dataset.pipeline].count('JointOcclusion') == 1
        steps = [TRANSFORMS.build(step) for step in dataset.pipeline]
        assert layout_after(steps, get_layout(dataset.layout)) == student.layout


@pytest.mark.parametrize('name', OF_TWO_DOMAINS)
def test_source_and_target_agree(name):
    """The source is what the model takes it for; no class is named twice."""
    cfg = load(name)
    model, dataset = MODELS.build(cfg.model), cfg.train_dataloader.dataset
    source, target = dataset.source, dataset.dataset
    assert source.split.endswith('train') and source.ann_file != target.ann_file
    steps = [TRANSFORMS.build(step) for step in source.pipeline]
    assert layout_after(steps, get_layout(source.layout)) == model.source_layout
    streams = [
        step for one in (source, target) for step in one.pipeline if step.type == 'SkeletonStreams'
    ]
    assert len(streams) == 2 and streams[0] == streams[1]
    assert max(dataset.classes) < source.num_classes
    assert len(set(dataset.classes.values())) == len(dataset.classes) <= target.num_classes


@pytest.mark.parametrize('target', ['pku_mmd', 'nw_ucla'])
def test_actions_that_ntu60_shares_are_the_targets(target):
    theirs = CONVERTERS.get(target).classes
    dataset = load(f'gcgrl_ntu60_to_{target}.py').train_dataloader.dataset
    assert set(dataset.classes.values()) <= set(theirs)
    assert dataset.dataset.num_classes == len(theirs)
    ours = CONVERTERS.get('ntu60').classes
    if target == 'pku_mmd':  # the same people named them
        other = {'bow', 'standing up'}
        assert all(ours[one] == name for one, name in dataset.classes.items() if name not in other)


@pytest.mark.parametrize('name', PRETRAINED)
def test_an_encoder_is_trained_on_training_clips_of_its_joints(name):
    cfg = load(name)
    check_components(cfg, ('train',))
    model = MODELS.build(cfg.model)
    for dataset in datasets_inside(cfg.train_dataloader.dataset):
        assert dataset.split.endswith('train') and not dataset.require_labels
        assert [step.type for step in dataset.pipeline].count('JointOcclusion') == 1
        steps = [TRANSFORMS.build(step) for step in dataset.pipeline]
        assert layout_after(steps, get_layout(dataset.layout)) == model.encoder.layout


def width(model):
    """Channels of the part features."""
    backbone = model.backbone
    return backbone.base_channels * 2 ** len(backbone.inflate_stages)


@pytest.mark.parametrize('name', DISTILLED)
def test_teacher_and_student_agree(name):
    """A distillation's teacher side is what its teacher was trained on, without augmentation."""
    cfg = load(name)
    student = cfg.model.student
    teacher_cfg = Config.fromfile(cfg.model.teacher.teacher.config)
    trained = teacher_cfg.train_dataloader.dataset
    paired = cfg.train_dataloader.dataset
    assert paired.teacher.ann_file == trained.ann_file
    steps = [TRANSFORMS.build(step) for step in paired.teacher.pipeline]
    assert paired.teacher.layout == trained.layout
    assert layout_after(steps, get_layout(trained.layout)).name == teacher_cfg.model.layout
    assert paired.teacher.pipeline == teacher_cfg.test_dataloader.dataset.pipeline
    assert paired.split == trained.split
    assert student.cls_head.num_classes == teacher_cfg.model.cls_head.num_classes
    assert student.neck.get('num_segments') == teacher_cfg.model.neck.get('num_segments')
    if adapter := cfg.model.get('adapter'):
        widths = width(student), width(teacher_cfg.model)
        assert widths == (adapter.in_channels, adapter.out_channels)
    else:
        assert student.cls_head.in_channels == teacher_cfg.model.cls_head.in_channels
    last = f'epoch_{teacher_cfg.train_cfg.max_epochs}.pth'
    checkpoints = as_list(cfg.model.teacher.teacher.checkpoint)
    assert len(set(checkpoints)) == len(checkpoints)
    assert all(checkpoint.endswith(last) for checkpoint in checkpoints)


@pytest.mark.parametrize('name', RECIPES)
def test_recipe(name):
    """Every recipe has a baseline without a teacher, and files of its own."""
    cfg = load(name)
    recipe = Recipe(cfg)
    assert recipe.known[recipe.students[0]]['losses'] == []
    own = f'work_dirs/{Path(name).stem}/'
    assert cfg.model.teacher.folder.startswith(own)
    assert all(file.startswith(own) for file in as_list(cfg.model.teacher.teacher.checkpoint))
    for student in recipe.known.values():
        for loss in (student or cfg.model).get('losses') or []:
            if loss.get('part_matrix'):
                assert loss.part_matrix.folder.startswith(own)
    for other in recipe.every_config():
        trained = innermost_dataset(other.train_dataloader.dataset)
        assert trained.split == cfg.train_dataloader.dataset.split
    for figures in recipe.paper.values():
        teacher, without, distilled = figures
        assert without < distilled < teacher


@pytest.mark.parametrize('name', [name for name in ALL if name.startswith('stgcn_ntu60')])
def test_ntu60_takes_length_grouped_batches(name):
    loader = load_config(CONFIGS / name).train_dataloader
    assert loader.batch_sampler.type == 'LengthGroupedBatchSampler'
    assert 'drop_last' not in loader  # torch refuses one beside a batch sampler


OF_GRID = {  # others are the demo's
    'forms.yml': 'stgcn_utdmhad_people.py',
    'gcgrl.yml': 'gcgrl_msraction3d_to_utdmhad_rows.py',
}


@pytest.mark.parametrize('grid', sorted(CONFIGS.glob('sweeps/*')), ids=lambda file: file.name)
def test_grid(grid):
    """Every variant builds, and differs from the recipe's own students."""
    cfg = load(OF_GRID.get(grid.name, 'demo.py'))
    variants = read_grid(grid)
    cfg.distill.students.update(variants)
    recipe = Recipe(cfg)
    learned = {}
    for name in recipe.students:
        made = recipe.student_config(name, 'OP 0', 0, TeacherFiles('t', 'made'))
        MODELS.build(made.model)
        learned[name] = counted_settings(made), recipe.teacher_files_settings(name)
    assert not [
        (one, other)
        for one in variants
        for other in learned
        if one != other and learned[one] == learned[other]
    ]
