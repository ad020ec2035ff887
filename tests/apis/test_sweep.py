"""A sweep end to end, in processes of its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from partkd import apis
from partkd.datasets import load_annotations, save_annotations
from partkd.evaluation import Results

ROOT = Path(__file__).resolve().parents[2]
RECIPE = """
_base_ = './tiny.py'
custom_imports = dict(imports=['partkd', 'unformatted'])
distill = dict(conditions=dict(_delete_=True, **{'OP 0': dict(prob=0.0)}), paper={})
"""
GRID = """
product:
  model.losses.0.loss_weight: [1.0]
students:
  broken: {options: {train_dataloader.batch_size: 99, train_dataloader.drop_last: true}}
"""

OWN = """
_base_ = './teacher_low.py'
custom_imports = dict(imports=['partkd', 'unformatted', 'own_net'])
model = dict(backbone=dict(type='OwnNet'))
"""
OWN_NET = """
from mmaction.models import STGCN
from mmaction.registry import MODELS


@MODELS.register_module()
class OwnNet(STGCN):
    pass
"""


@pytest.fixture
def config(configs, monkeypatch):
    """The recipe with one condition, and a grid of one variant that works and one that fails."""
    monkeypatch.syspath_prepend(configs)  # where `unformatted` is found
    (configs / 'recipe.py').write_text(RECIPE)
    (configs / 'grid.yml').write_text(GRID)
    return configs / 'recipe.py'


def interrupt_after_first_step(config, work_dir):
    """Ctrl-C on the command line."""
    command = [sys.executable, ROOT / 'tools' / 'sweep.py', config, '--work-dir', work_dir]
    command += ['--seeds', '2', '--jobs', '2', '--grid', config.parent / 'grid.yml']
    process = subprocess.Popen(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # a shell ignores it for what it runs in the background
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        env=os.environ | dict(PYTHONPATH=f'{config.parent}:{os.environ.get("PYTHONPATH", "")}'),
    )
    for line in process.stdout:
        if ': done in ' in line:
            break
    os.killpg(process.pid, signal.SIGINT)
    process.stdout.read()
    return process.wait(timeout=60)


def test_interrupted_it_goes_on_and_gives_what_distill_gives(config, tmp_path, reference):
    work_dir = tmp_path / 'work'
    assert interrupt_after_first_step(config, work_dir) != 0
    finished = set(work_dir.glob('seed_*/*/record.json'))
    assert 1 <= len(finished) < 8
    students = ['cross entropy', 'PMSC', 'loss_weight=1.0']
    results = apis.sweep(
        config, config.parent / 'grid.yml', 2, jobs=2, work_dir=work_dir, students=students
    )
    assert results.seeds == [0, 1] and results.students == students
    assert len(results.runs) == results.planned == 2 * 4
    assert finished < set(work_dir.glob('seed_*/*/record.json'))
    before = (work_dir / 'sweep.log').read_text().count('already done')
    assert before >= len(finished)
    # the same steps with the same results as in one process, found again by distill()
    ours = {run.model: run.correct for run in results.runs if run.seed == 0}
    for run in reference.results.runs:
        if run.condition != 'OP .6':
            assert ours[run.model] == run.correct
    apis.distill(config, work_dir, seeds=[0, 1])
    assert (work_dir / 'distill.log').read_text().count('already done') == 8
    text = (work_dir / 'sweep.md').read_text()
    assert '| loss_weight=1.0 |' in text and 'Not complete' not in text
    assert 'Further students: `configs/grid.yml`' in text and str(tmp_path) not in text


def test_chains_at_a_time_share_teachers(config, tmp_path):
    """Neither trains what the other is training, and none fails of it."""
    work_dir = tmp_path / 'work'
    options = {'model.teacher.teacher.checkpoint': ['a.pth', 'b.pth']}
    apis.sweep(config, seeds=2, jobs=2, work_dir=work_dir, options=options)
    assert len(list(work_dir.glob('seed_*/teacher-*'))) == 2
    assert len(list(work_dir.glob('seed_*/op_0_pmsc-*/record.json'))) == 2


def rename(configs):
    """Three people in the training split: ``t0_p0``, ``t1_p0``, ``t2_p1``, ... Nobody is to be seen
    in test clip v3, which nothing reads."""
    for file in (configs / 'high.pkl', configs / 'low.pkl'):
        content = load_annotations(file)
        names = {f't{i}': f't{i}_p{i // 2 % 3}' for i in range(12)}
        clips = [
            clip | dict(frame_dir=names.get(clip['frame_dir'], clip['frame_dir']))
            for clip in content['annotations']
        ]
        content['split']['train'] = list(names.values())
        (unread,) = [clip for clip in clips if clip['frame_dir'] == 'v3']
        unread['keypoint'] = np.zeros_like(unread['keypoint'])
        save_annotations(clips, content['split'], file)


def test_left_out_clips_are_tested_and_a_failure_costs_one_row(config, tmp_path):
    rename(config.parent)
    work_dir = tmp_path / 'work'
    with pytest.raises(apis.SweepError, match=r'3 failed: seed 0 without .*broken.*sweep\.log'):
        apis.sweep(config, config.parent / 'grid.yml', 1, 2, r'_p(\d)', work_dir)
    assert 'has no whole batch' in (work_dir / 'sweep.log').read_text()
    results = Results.load(work_dir / 'left_out.json')
    assert results.folds == ['0', '1', '2'] and results.planned == 3 * 5
    for model in ('teacher', 'cross entropy', 'PMSC', 'loss_weight=1.0'):
        outcomes = results.outcomes(model, 'OP 0')
        assert sorted(outcomes.clips) == sorted(f't{i}_p{i // 2 % 3}' for i in range(12))
        right = outcomes.correct[0].mean()
        assert results.by_seed(model, 'OP 0')[0] == pytest.approx(right)
    assert results.by_seed('broken', 'OP 0') == {}
    text = (work_dir / 'left_out.md').read_text()
    assert "`_p(\\d)` finds in the clips' names (0, 1, 2)" in text
    assert 'Teacher: 8 clips in training, 12 in test' in text
    assert text.splitlines()[0].endswith(' (clips left out in turn)')


def test_nothing_is_trained_or_tested_outside_its_part_of_a_fold(config, tmp_path):
    """What every step says that it was made from: both teachers, their files, both students."""
    rename(config.parent)
    (config.parent / 'grid.yml').write_text('students: {control: {config: control.py}}')
    grid, work_dir = config.parent / 'grid.yml', tmp_path / 'work'
    apis.sweep(config, grid, 1, 1, r'_p(\d)', work_dir, ['cross entropy', 'control'])
    for person in '012':
        steps = list(work_dir.glob(f'seed_0/without_{person}/*-????????'))
        assert sorted(step.name[:-9] for step in steps) == [
            'op_0_control',
            'op_0_cross_entropy',
            'teacher',
            'teacher',
            'teacher_files',
        ]
        mine = {f't{i}_p{person}' for i in range(12) if i // 2 % 3 == int(person)}
        others = {f't{i}_p{i // 2 % 3}' for i in range(12)} - mine
        for step in steps:
            if step.name.startswith('teacher_files'):
                assert set(np.load(step / 'files' / 'frame_dirs.npy')) == others
                continue
            (file,) = step.glob('*.py')
            record = json.loads((step / 'record.json').read_text())
            cfg = apis.load_config(file)
            assert set(cfg.train_dataloader.dataset.frame_dirs) == others
            assert record['clips'] == dict(train=len(others), test=len(mine))
            assert set(record['outcomes']['frame_dirs']) == mine
            assert cfg.test_dataloader.dataset.split == 'train' and cfg.val_dataloader is None


@pytest.mark.parametrize(
    ('product', 'same'),
    [
        ('{default_hooks.logger.interval: [1, 2]}', "'PMSC' and 'interval=1'"),
        # how a part matrix is made, where no loss reads one
        (
            '{model.losses: [[{type: KLLoss}]], distill.part_matrix.fill: [zero, mean]}',
            r'losses=.*fill=zero. and .losses=.*fill=mean.',
        ),
    ],
)
def test_a_variant_that_changes_nothing_is_an_error(config, tmp_path, product, same):
    (tmp_path / 'grid.yml').write_text(f'product: {product}')
    with pytest.raises(ValueError, match=f'{same} are the same: no setting'):
        apis.sweep(config, tmp_path / 'grid.yml', work_dir=tmp_path / 'work')


def test_variants_of_a_teachers_files_and_modules_of_ones_own(config, tmp_path):
    """What only the teacher's files tell apart, and a student whose config imports a module."""
    (config.parent / 'own_net.py').write_text(OWN_NET)
    (config.parent / 'own.py').write_text(OWN)
    (config.parent / 'grid.yml').write_text(
        'product: {distill.part_matrix.fill: [mean]}\nstudents: {own: {config: own.py}}'
    )
    results = apis.sweep(config, config.parent / 'grid.yml', 1, work_dir=tmp_path / 'work')
    assert {run.model for run in results.runs} >= {'PMSC', 'fill=mean', 'own'}
    assert len(list(tmp_path.glob('work/seed_0/teacher_files-*'))) == 2


@pytest.mark.parametrize('arguments', [dict(jobs=0), dict(seeds=0)])
def test_no_processes_or_seeds_are_an_error(config, arguments):
    with pytest.raises(ValueError, match='give numbers of 1 or more'):
        apis.sweep(config, **arguments)


def test_a_grid_with_the_recipes_own_names_is_an_error(config, tmp_path):
    (tmp_path / 'grid.yml').write_text('students: {PMSC: {losses: []}}')
    with pytest.raises(ValueError, match=r"students \['PMSC'\], as the recipe itself"):
        apis.sweep(config, tmp_path / 'grid.yml')


def test_a_loss_that_there_is_not_is_named_before_anything_is_trained(config, tmp_path):
    grid = config.parent / 'grid.yml'
    grid.write_text('students: {typo: {losses: [{type: PMCSLoss}]}}')
    with pytest.raises(ValueError, match='there is no model PMCSLoss: did you mean PMSCLoss'):
        apis.sweep(config, grid, 1, work_dir=tmp_path / 'work')
    assert not list(tmp_path.glob('work/seed_*'))
