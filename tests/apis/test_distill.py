"""The chain end to end, through mmengine's runner."""

import copy
import json
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from mmengine.logging import MessageHub, MMLogger
from mmengine.registry import DefaultScope
from mmengine.visualization import Visualizer

from partkd import apis
from partkd.distillation import build as build_module
from partkd.engine import EpochSeedHook
from partkd.evaluation import Results, describe_files
from partkd.experiments.preparation import new_results, prepare
from partkd.experiments.progress import Progress
from partkd.experiments.recipe import Recipe
from partkd.files import read_record

STEPS = {
    'teacher',
    'teacher_files',
    'op_0_cross_entropy',
    'op_0_pmsc',
    'op_6_cross_entropy',
    'op_6_pmsc',
}


def steps(work_dir):
    """Names of the steps' directories, with their fingerprints."""
    return {path.relative_to(work_dir).as_posix() for path in work_dir.glob('seed_*/*-????????')}


def weights(directory):
    (checkpoint,) = directory.glob('epoch_*.pth')
    return torch.load(checkpoint, weights_only=True)['state_dict']


def assert_equal_weights(first, second):
    first, second = weights(first), weights(second)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


def figures(results):
    return [(run.seed, run.model, run.condition, run.metrics) for run in results.runs]


def test_all_steps_and_the_report_are_there(reference):
    assert {name.split('/')[1][:-9] for name in steps(reference.work_dir)} == STEPS
    results = Results.load(reference.work_dir / 'results.json')
    assert figures(results) == figures(reference.results)
    assert [(run.model, run.condition) for run in results.runs] == [
        ('teacher', None),
        ('cross entropy', 'OP 0'),
        ('PMSC', 'OP 0'),
        ('cross entropy', 'OP .6'),
        ('PMSC', 'OP .6'),
    ]
    assert all(run.clips == dict(train=12, test=6) and run.epochs == 3 for run in results.runs)
    assert all('acc/top1' in run.metrics and not run.resumed for run in results.runs)
    (names,) = results.tested.values()
    assert names == [f'v{number}' for number in range(6)]
    for run in results.runs:
        assert run.correct.count('1') / 6 == pytest.approx(run.metrics['acc/top1'])
    text = (reference.work_dir / 'results.md').read_text()
    assert text.startswith('# Tiny') and 'Not complete' not in text
    assert '*paper: with distillation*' in text


def test_the_report_names_the_files_of_each_model(reference, find_step, tmp_path):
    """They are there, and the commands beside them take them."""
    for run in reference.results.runs:
        assert all((reference.work_dir / file).is_file() for file in run.files.values())
    text = (reference.work_dir / 'results.md').read_text()
    folder = find_step(reference.work_dir, 'op_6_pmsc').relative_to(reference.work_dir)
    config, checkpoint = folder / 'tiny.py', folder / 'epoch_3.pth'
    assert f'| PMSC | OP .6 | `{config}` | `{checkpoint}` |' in text
    files = f'WORK_DIR/{config} WORK_DIR/{checkpoint}'
    assert f'python tools/test.py {files}\n' in text
    assert f'python tools/export.py {files} student.onnx\n' in text
    assert 'python tools/test.py work/seed' in describe_files(reference.results, 'work')
    metrics = apis.test(*(reference.work_dir / file for file in (config, checkpoint)), tmp_path)
    (run,) = [r for r in reference.results.runs if (r.model, r.condition) == ('PMSC', 'OP .6')]
    assert metrics['acc/top1'] == pytest.approx(run.metrics['acc/top1'])


def test_a_teacher_that_sees_what_its_student_sees_is_named(configs):
    """Unless it is a control, or the student's joints are occluded."""
    said = []
    logger = SimpleNamespace(warning=said.append, info=said.append)
    cfg = apis.load_config(configs / 'tiny.py')
    prepare(Recipe(cfg, conditions=['OP 0']), logger)
    cfg.train_dataloader.dataset.teacher = dict(
        ann_file=cfg.train_dataloader.dataset.ann_file,
        pipeline=copy.deepcopy(cfg.test_dataloader.dataset.pipeline),
    )
    prepare(Recipe(cfg), logger)
    assert not said
    prepare(Recipe(cfg, conditions=['OP 0']), logger)
    assert len(said) == 1 and "both sides of PMSC's pairs are the same clips" in said[0]
    cfg.distill.students['PMSC'] = dict(config='control.py')
    prepare(Recipe(cfg, conditions=['OP 0']), logger)
    assert len(said) == 1


def test_results_tell_no_paths(reference):
    for name in ('results.json', 'results.md'):
        text = (reference.work_dir / name).read_text()
        assert str(reference.work_dir) not in text and str(Path.home()) + '/' not in text
        assert 'configs/tiny.py' in text


def test_baseline_is_a_plain_recogniser_and_pmsc_a_distillation(reference, find_step):
    plain = weights(find_step(reference.work_dir, 'op_0_cross_entropy'))
    distilled = weights(find_step(reference.work_dir, 'op_0_pmsc'))
    assert not any(name.startswith('student.') for name in plain)
    assert all(name.startswith('student.') for name in distilled)


def test_conditions_occlude_training_and_test(reference, find_step):
    for name, prob in (('op_0_pmsc', 0.0), ('op_6_pmsc', 0.6)):
        cfg = apis.load_config(find_step(reference.work_dir, name) / 'tiny.py')
        for loader in (cfg.train_dataloader, cfg.test_dataloader):
            (step,) = [s for s in loader.dataset.pipeline if s.type == 'JointOcclusion']
            assert step.prob == prob
        (step,) = [
            s for s in cfg.train_dataloader.dataset.teacher.pipeline if s.type == 'JointOcclusion'
        ]
        assert step.prob == 0


def test_nothing_is_done_twice(finished, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError('a finished step was done again')

    monkeypatch.setattr('partkd.engine.runner.QuietRunner.from_cfg', refuse)
    before = steps(finished.work_dir)
    results = apis.distill(finished.config, finished.work_dir)
    assert figures(results) == figures(finished.results)
    assert steps(finished.work_dir) == before


def test_a_control_has_a_teacher_of_its_own_and_shares_where_it_can(finished, find_step):
    before = steps(finished.work_dir)
    cfg = apis.load_config(finished.config)
    del cfg.distill.conditions['OP .6']
    options = {'model.losses.0.loss_weight': 1.0}
    cfg.distill.students |= {
        'control': dict(config='control.py'),
        'weaker control': dict(config='control.py', options=options),
        'bound': dict(config='teacher.py'),
    }
    results = apis.distill(cfg, finished.work_dir)
    new = {name.split('/')[1] for name in steps(finished.work_dir) - before}
    # one teacher and one set of files for both controls; those of PMSC are untouched
    assert sorted(name[:-9] for name in new) == [
        'op_0_bound',
        'op_0_control',
        'op_0_weaker_control',
        'teacher',
        'teacher_files',
    ]
    (teacher,) = (finished.work_dir / 'seed_0' / name for name in new if name[:-9] == 'teacher')
    assert apis.load_config(teacher / 'teacher_low.py').model.layout == 'coco'
    control = apis.load_config(find_step(finished.work_dir, 'op_0_control') / 'control.py')
    assert control.model.teacher.teacher.checkpoint == str(teacher / 'epoch_3.pth')
    assert [run.model for run in results.runs] == ['teacher', *cfg.distill.students]
    assert '[9/9] seed 0, OP 0, bound' in (finished.work_dir / 'distill.log').read_text()


def test_several_teachers_of_one_student(finished, find_step):
    """As many as its config names checkpoints; those who want one share the first."""
    before = steps(finished.work_dir)
    cfg = apis.load_config(finished.config)
    del cfg.distill.conditions['OP .6']
    cfg.distill.students['two'] = dict(
        losses=[dict(type='KLLoss')],
        options={'model.teacher.teacher.checkpoint': ['a.pth', 'b.pth']},
    )
    results = apis.distill(cfg, finished.work_dir)
    new = {name.split('/')[1] for name in steps(finished.work_dir) - before}
    assert sorted(name[:-9] for name in new) == ['op_0_two', 'teacher', 'teacher_files']
    (other,) = (finished.work_dir / 'seed_1').iterdir()
    assert apis.load_config(other / 'teacher.py').randomness.seed == 1
    two = apis.load_config(find_step(finished.work_dir, 'op_0_two') / 'tiny.py').model.teacher
    (first,) = (name for name in before if '/teacher-' in name)
    assert two.teacher.checkpoint == [
        str(finished.work_dir / first / 'epoch_3.pth'),
        str(other / 'epoch_3.pth'),
    ]
    notes = ' '.join(results.notes)
    assert '2 teachers, which differ in their seed, teach two:' in notes
    assert '[7/7] seed 0, OP 0, two' in (finished.work_dir / 'distill.log').read_text()
    # the next seed shares both of them, and begins with its own
    results = apis.distill(cfg, finished.work_dir, seeds=[0, 1], students=['two'])
    assert len(list(finished.work_dir.glob('seed_*/teacher-*'))) == 2
    (second,) = (finished.work_dir / 'seed_1').glob('op_0_two-*')
    theirs = apis.load_config(second / 'tiny.py').model.teacher.teacher.checkpoint
    assert theirs == two.teacher.checkpoint[::-1]
    assert len(results.runs) == 2 * 3


def test_a_step_that_two_chains_share_was_done_once(original, tmp_path):
    recipe = Recipe(apis.load_config(original / 'tiny.py'))
    progress = Progress(new_results(recipe), tmp_path / 'results', 3, logging.getLogger())
    for directory in ('shared', 'shared', 'other'):
        progress.done('a step', tmp_path / directory, dict(seconds=7.0), before=False)
    assert progress.num_done == 3
    assert progress.results.seconds == 14.0


def test_a_changed_setting_runs_what_depends_on_it_and_overwrites_nothing(finished):
    before = steps(finished.work_dir)
    results = apis.distill(
        finished.config, finished.work_dir, options={'model.losses.0.loss_weight': 1.0}
    )
    new = steps(finished.work_dir) - before
    assert before <= steps(finished.work_dir)
    assert {name.split('/')[1][:-9] for name in new} == {'op_0_pmsc', 'op_6_pmsc'}
    assert len(results.runs) == 5


class Interruption(KeyboardInterrupt):
    pass


def test_interrupted_and_continued_equals_uninterrupted(
    reference, configs, tmp_path, monkeypatch, find_step
):
    """Broken off in the teacher, between its files, in a student, and before its test."""
    cfg = apis.load_config(configs / 'tiny.py')
    del cfg.distill.conditions['OP 0'], cfg.distill['paper']
    work_dir = tmp_path / 'work'

    def interrupted(target, name, when):
        def interrupt(*args, **kwargs):
            if when(*args):
                raise Interruption
            return original(*args, **kwargs)

        original = getattr(target, name)
        with monkeypatch.context() as patch:
            patch.setattr(target, name, interrupt)
            with pytest.raises(KeyboardInterrupt):
                apis.distill(cfg, work_dir)

    def in_second_epoch(kind):
        return lambda hook, runner, *_: runner.iter == 4 and type(runner.model).__name__ == kind

    interrupted(EpochSeedHook, 'after_train_iter', in_second_epoch('SkeletonRecognizer'))
    teacher = find_step(work_dir, 'teacher')
    assert (teacher / 'epoch_1.pth').is_file() and not (teacher / 'record.json').exists()
    assert not (work_dir / 'results.json').exists()

    interrupted(build_module, 'part_importance', lambda *_: True)
    assert (find_step(work_dir, 'teacher_files') / 'files' / 'parts.npy').is_file()

    interrupted(EpochSeedHook, 'after_train_iter', in_second_epoch('KDRecognizer'))
    partial = Results.load(work_dir / 'results.json')
    assert [run.model for run in partial.runs] == ['teacher', 'cross entropy']
    assert 'Not complete: 2 of 3 runs' in (work_dir / 'results.md').read_text()

    interrupted(EpochSeedHook, 'before_test', lambda *_: True)
    assert (find_step(work_dir, 'op_6_pmsc') / 'epoch_3.pth').is_file()

    results = apis.distill(cfg, work_dir)
    assert [run.resumed for run in results.runs] == [True, False, True]
    # other folders of work and of data, the same steps
    assert steps(work_dir) < steps(reference.work_dir)
    wanted = [run for run in reference.results.runs if run.condition != 'OP 0']
    assert [run.metrics for run in results.runs] == [run.metrics for run in wanted]
    for name in ('teacher', 'op_6_cross_entropy', 'op_6_pmsc'):
        assert_equal_weights(find_step(work_dir, name), find_step(reference.work_dir, name))
    ours, theirs = (
        read_record(find_step(one, 'teacher_files') / 'files')
        for one in (work_dir, reference.work_dir)
    )
    assert ours['digests'] == theirs['digests']


def test_a_checkpoint_lost_while_it_was_written_starts_over(finished, find_step):
    step = find_step(finished.work_dir, 'op_6_pmsc')
    before = weights(step)
    (step / 'record.json').unlink()
    (step / 'epoch_3.pth').unlink()
    apis.distill(finished.config, finished.work_dir)
    after = weights(step)
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_moved_work_directory_goes_on(finished, find_step, tmp_path):
    """mmengine notes the absolute path of its last checkpoint."""
    moved = finished.work_dir.rename(tmp_path / 'moved')
    step = find_step(moved, 'op_6_pmsc')
    (step / 'record.json').unlink()
    results = apis.distill(finished.config, moved)
    assert results.runs[-1].resumed
    assert figures(results) == figures(finished.results)


def test_a_changed_output_is_named(finished, find_step):
    file = find_step(finished.work_dir, 'teacher_files') / 'files' / 'importance.npy'
    file.write_bytes(b'other')
    with pytest.raises(ValueError, match=r'importance\.npy was changed .* delete'):
        apis.distill(finished.config, finished.work_dir)


def test_leaves_nothing_open_in_the_process(finished, find_step, capsys):
    def state():
        kinds = (MMLogger, MessageHub, Visualizer, DefaultScope)
        names = [sorted(kind._instance_dict) for kind in kinds]
        return names, sorted(str(path.resolve()) for path in Path('/proc/self/fd').iterdir())

    (find_step(finished.work_dir, 'op_6_pmsc') / 'record.json').unlink()
    names, files = state()
    apis.distill(finished.config, finished.work_dir)
    assert state()[0] == names
    assert not [file for file in state()[1] if str(finished.work_dir) in file]
    assert logging.getLogger().handlers == logging.root.handlers


def test_output_is_short_and_ends_with_the_table(finished, find_step, capfd):
    (find_step(finished.work_dir, 'op_6_pmsc') / 'record.json').unlink()
    apis.distill(finished.config, finished.work_dir)
    out = capfd.readouterr().out
    assert '[1/6] seed 0, teacher: already done' in out
    assert '[6/6] seed 0, OP .6, PMSC: going on' in out
    assert '\n- python' in out
    assert out.rstrip().splitlines()[-2].startswith('python tools/export.py')
    assert len(out.splitlines()) < 75
    assert '[6/6]' in (finished.work_dir / 'distill.log').read_text()


def test_data_are_prepared_first(configs, tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise Interruption

    monkeypatch.setattr('partkd.engine.runner.QuietRunner.from_cfg', refuse)
    cfg = apis.load_config(configs / 'tiny.py')
    cfg.distill.prepare = dict(
        type='partkd.files.write_atomically', path=str(tmp_path / 'made.txt'), content='made'
    )
    with pytest.raises(Interruption):
        apis.distill(cfg, tmp_path / 'work')
    assert (tmp_path / 'made.txt').read_text() == 'made'
    cfg.distill.prepare = dict(type='make_data')
    with pytest.raises(ValueError, match='no function make_data: give its full path'):
        apis.distill(cfg, tmp_path / 'work')


def test_a_record_says_what_was_done(reference, find_step):
    record = json.loads((find_step(reference.work_dir, 'op_0_pmsc') / 'record.json').read_text())
    assert record['outputs'] == ['epoch_3.pth'] and record['seconds'] > 0
    assert record['environment']['python']
