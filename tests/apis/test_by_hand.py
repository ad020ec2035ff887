"""The way that ``distill()`` goes, step by step, with the tools' own functions."""

import csv
import pickle
import shutil
from unittest.mock import MagicMock

import numpy as np
import pytest
import torch
from mmaction.registry import RUNNERS
from mmengine.config import Config
from mmengine.logging import MessageHub

from partkd import apis
from partkd.datasets import load_annotations
from partkd.distillation import FingerprintError
from partkd.engine import CheckedRunner
from partkd.files import read_record


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    """Whatever goes to ``work_dirs`` stays with the test."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def files(reference, configs, find_step):
    """The config folder with teacher, part matrix and feature bank where ``tiny.py`` has them."""
    work = configs / 'work'
    (work / 'teacher').mkdir(parents=True)
    shutil.copy(find_step(reference.work_dir, 'teacher') / 'epoch_3.pth', work / 'teacher')
    made = find_step(reference.work_dir, 'teacher_files') / 'files'
    shutil.copytree(made, work / 'teacher_files')
    return work


@pytest.fixture
def student(reference, find_step):
    """A distilled student's checkpoint, and the figure it had."""
    checkpoint = find_step(reference.work_dir, 'op_0_pmsc') / 'epoch_3.pth'
    (run,) = [
        run for run in reference.results.runs if (run.model, run.condition) == ('PMSC', 'OP 0')
    ]
    return checkpoint, run.metrics


def test_what_is_missing_names_the_command_that_makes_it(configs, files):
    config = configs / 'tiny.py'
    record = files / 'teacher_files' / 'record.json'
    content = record.read_bytes()
    record.unlink()
    with pytest.raises(FileNotFoundError, match=r'feature bank .*tools/build_part_matrix\.py'):
        apis.train(config)
    record.write_bytes(content)
    (files / 'teacher' / 'epoch_3.pth').unlink()
    for make in (apis.train, apis.build_teacher_files):
        with pytest.raises(FileNotFoundError, match=r'the teacher .*tools/train\.py .*teacher\.py'):
            make(config)
    cfg = apis.load_config(config)
    cfg.model.teacher, cfg.model.losses = cfg.model.teacher.teacher, [dict(type='KLLoss')]
    with pytest.raises(FileNotFoundError, match=r'the teacher .*tools/train\.py .*teacher\.py'):
        apis.train(cfg)


def test_by_hand_and_by_distill_the_files_are_the_same(configs, files, tmp_path):
    folder = files / 'teacher_files'
    wanted = read_record(folder)
    shutil.rmtree(folder)
    made = apis.build_teacher_files(configs / 'tiny.py', figure=tmp_path / 'new' / 'matrix.png')
    assert made == folder and read_record(folder)['digests'] == wanted['digests']
    assert (tmp_path / 'new' / 'matrix.png').read_bytes().startswith(b'\x89PNG')


def test_by_hand_and_by_distill_the_student_is_the_same(configs, files, student, tmp_path):
    apis.train(configs / 'tiny.py', work_dir=tmp_path / 'student', validate=False, seed=0)
    ours = torch.load(tmp_path / 'student' / 'epoch_3.pth', weights_only=True)['state_dict']
    theirs = torch.load(student[0], weights_only=True)['state_dict']
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_files_of_another_teacher_are_refused(configs, files):
    """Whatever hooks the config names."""
    checkpoint = files / 'teacher' / 'epoch_3.pth'
    content = torch.load(checkpoint, weights_only=True)
    next(iter(content['state_dict'].values())).add_(1.0)
    torch.save(content, checkpoint)
    with pytest.raises(FingerprintError, match='teacher weights'):
        apis.train(configs / 'tiny.py', options={'custom_hooks': []})


def test_a_part_matrix_of_other_settings_is_refused(configs, files):
    with pytest.raises(FingerprintError, match='teacher_files was made from another fill than'):
        apis.train(configs / 'tiny.py', options={'distill.part_matrix': dict(fill='mean')})


def test_files_cannot_be_held_against_a_training_set_of_another_kind(configs, files):
    cfg = apis.load_config(configs / 'tiny.py')
    dataset = cfg.train_dataloader.dataset
    cfg.train_dataloader.dataset = dict(type='ConcatDataset', datasets=[dataset])
    with pytest.raises(ValueError, match=r'is a ConcatDataset, .*teacher_files'):
        apis.train(cfg)


def test_a_distillation_without_better_skeletons_is_refused(configs, files, tmp_path):
    """As where a tool of mmaction2's own reads the config, and fills nothing in."""
    cfg = Config.fromfile(configs / 'tiny.py')
    cfg.model.teacher, cfg.model.losses = cfg.model.teacher.teacher, [dict(type='KLLoss')]
    cfg.work_dir = str(tmp_path / 'work')
    with pytest.raises(ValueError, match=r'low\.pkl .*has no high-quality side.*dataset\.teacher='):
        RUNNERS.build(cfg).train()


def test_nothing_to_build_is_named(configs, files):
    cfg = apis.load_config(configs / 'tiny.py')
    cfg.model.losses = [dict(type='KLLoss')]
    folder = apis.build_teacher_files(cfg)
    assert read_record(folder)['outputs'] == ['frame_dirs.npy', 'labels.npy', 'logits.npy']
    shutil.rmtree(folder)
    with pytest.raises(ValueError, match='has a part matrix to draw: leave the figure out'):
        apis.build_teacher_files(cfg, figure='x.png')
    assert not folder.exists()
    cfg.model.teacher = cfg.model.teacher.teacher
    with pytest.raises(ValueError, match='names no folder for files of a teacher'):
        apis.build_teacher_files(cfg)
    with pytest.raises(ValueError, match='only a distillation config'):
        apis.build_teacher_files(configs / 'teacher.py')


def test_a_distilled_student_is_tested_without_any_file_of_the_teacher(configs, student):
    checkpoint, metrics = student
    _remove_teacher(configs)
    assert apis.test(configs / 'tiny.py', checkpoint) == metrics


def test_published_student_is_plain_and_tests_alike(configs, student, tmp_path):
    checkpoint, metrics = student
    out = apis.publish(configs / 'tiny.py', checkpoint, tmp_path / 'published' / 'student.pth')
    again = apis.publish(configs / 'tiny.py', checkpoint, tmp_path / 'student.pth')
    assert out.name == again.name and len(out.stem) == len('student-12345678')
    content = torch.load(out, weights_only=True)
    assert content.keys() == {'meta', 'state_dict'}
    assert not any('student' in name or 'adapter' in name for name in content['state_dict'])
    assert 'KDRecognizer' not in content['meta']['cfg']
    assert out.stat().st_size < checkpoint.stat().st_size
    (configs / 'plain.py').write_text(content['meta']['cfg'])
    for config in ('tiny.py', 'plain.py', 'common.py'):
        assert apis.test(configs / config, out) == metrics
    assert apis.test(configs / 'common.py', checkpoint) == metrics


def test_another_models_checkpoint_is_not_published(configs, student, tmp_path):
    with pytest.raises(ValueError, match=r'epoch_3\.pth does not fit the model of the config'):
        apis.publish(configs / 'teacher.py', student[0], tmp_path / 'teacher.pth')
    assert not list(tmp_path.glob('teacher-*'))


def test_published_config_trains_a_plain_student_without_the_teachers_data(
    configs, student, tmp_path
):
    _remove_teacher(configs)
    out = apis.publish(configs / 'tiny.py', student[0], tmp_path / 'student.pth')
    (configs / 'plain.py').write_text(torch.load(out, weights_only=True)['meta']['cfg'])
    model = apis.train(configs / 'plain.py', options={'train_cfg.max_epochs': 1})
    assert type(model).__name__ == 'SkeletonRecognizer'


def test_a_plain_checkpoint_is_published_too(configs, reference, find_step, tmp_path):
    checkpoint = find_step(reference.work_dir, 'op_0_cross_entropy') / 'epoch_3.pth'
    out = apis.publish(configs / 'common.py', checkpoint, tmp_path / 'plain')
    assert apis.test(configs / 'tiny.py', out) == apis.test(configs / 'common.py', checkpoint)


def _remove_teacher(configs):
    for file in ('high.pkl', 'teacher.py'):
        (configs / file).unlink()


def _score(sample: dict):
    """A dumped sample's class scores, as mmaction2 1.2 or 1.1 writes them."""
    return sample['pred_score'] if 'pred_score' in sample else sample['pred_scores']['item']


def test_occlusion_changes_what_is_tested(configs, student, tmp_path):
    scores = []
    for settings in (dict(), dict(occlusion=0.0), dict(occlusion=0.6, occlusion_scope='clip')):
        file = tmp_path / 'out.pkl'
        apis.test(configs / 'tiny.py', student[0], dump=file, **settings)
        content = pickle.loads(file.read_bytes())
        scores.append(np.stack([np.asarray(_score(sample)) for sample in content]))
    assert scores[0].shape == (6, 2)
    assert np.array_equal(scores[0], scores[1]) and not np.allclose(scores[0], scores[2])


def test_accuracy_of_each_class(configs, student, tmp_path):
    checkpoint, metrics = student
    content = load_annotations(configs / 'low.pkl') | dict(classes=['drink', 'wave'])
    (configs / 'low.pkl').write_bytes(pickle.dumps(content))
    folder = tmp_path / 'classes'
    assert apis.test(configs / 'tiny.py', checkpoint, per_class=folder) == metrics
    with open(folder / 'per_class.csv', newline='') as file:
        rows = list(csv.DictReader(file))
    assert [row['class'] for row in rows] == ['drink', 'wave']
    assert sum(int(row['clips']) for row in rows) == 6
    assert sum(int(row['right']) for row in rows) / 6 == pytest.approx(metrics['acc/top1'])
    assert {file.name for file in folder.iterdir()} == {
        'per_class.csv',
        'confusion_matrix.csv',
        'confusion_matrix.png',
    }


def test_predictions_go_to_a_pickle(configs, student):
    with pytest.raises(ValueError, match=r'\.pkl or \.pickle'):
        apis.test(configs / 'tiny.py', student[0], dump='out.json')


def test_a_test_leaves_the_trainings_config_as_it_is(finished, find_step):
    """Or the next test would occlude again, and write its scores over those of the first."""
    step = find_step(finished.work_dir, 'op_0_pmsc')
    config, checkpoint = step / 'tiny.py', step / 'epoch_3.pth'
    before = config.read_text()
    apis.test(config, checkpoint, step, occlusion=0.9, dump='occluded.pkl', per_class='classes')
    assert config.read_text() == before
    told = [file.read_text() for file in step.glob('*/vis_data/config.py')]
    assert sum('occluded.pkl' in config for config in told) == 1


def test_weights_of_another_model_are_named(configs, student):
    with pytest.raises(ValueError, match=r'epoch_3\.pth does not fit .* in it and .* in the model'):
        apis.test(configs / 'teacher.py', student[0])


def test_missing_checkpoint_is_named(configs):
    with pytest.raises(FileNotFoundError, match=r'no checkpoint .*gone\.pth'):
        apis.test(configs / 'tiny.py', 'gone.pth')


def test_training_with_all_its_switches(configs, tmp_path):
    steps = {'param_scheduler': [dict(type='MultiStepLR', milestones=[2])]}  # for any length
    model = apis.train(
        configs / 'common.py',
        work_dir=tmp_path / 'plain',
        amp=True,
        seed=3,
        deterministic=True,
        options=steps | {'train_cfg.max_epochs': 1},
    )
    assert all(torch.isfinite(weight).all() for weight in model.parameters())
    cfg = apis.load_config(tmp_path / 'plain' / 'common.py')
    assert cfg.optim_wrapper.type == 'BFloat16OptimWrapper'
    assert cfg.randomness == dict(seed=3, deterministic=True)
    where = tmp_path / 'plain'
    resumed = apis.train(configs / 'common.py', where, resume=True, seed=3, options=steps)
    assert (tmp_path / 'plain' / 'epoch_3.pth').is_file()
    checkpoint = str(tmp_path / 'plain' / 'epoch_3.pth')
    same = apis.train(configs / 'common.py', tmp_path / 'other', checkpoint, options=steps)
    for one, other in zip(resumed.parameters(), same.parameters(), strict=True):
        assert torch.equal(one, other)


def test_gradients_are_revised_in_a_training(reference, find_step, configs, tmp_path):
    """From a config, in mixed precision; what is logged says how often there was a conflict."""
    step = find_step(reference.work_dir, 'op_0_pmsc')
    options = {'optim_wrapper.type': 'GradientRevisionOptimWrapper', 'train_cfg.max_epochs': 1}
    model = apis.train(step / 'tiny.py', tmp_path / 'revised', amp=True, options=options)
    assert all(torch.isfinite(weight).all() for weight in model.parameters())
    cfg = apis.load_config(tmp_path / 'revised' / 'tiny.py')
    assert cfg.optim_wrapper.type == 'BFloat16GradientRevisionOptimWrapper'
    conflicts = MessageHub.get_current_instance().get_scalar('train/conflict_loss_pmsc')
    assert 0 <= conflicts.mean() <= 1


def test_compiled_training_is_the_same(configs, tmp_path):
    """Without code generation, which takes a minute: what is traced is what runs."""
    options = {'train_cfg.max_epochs': 1}
    plain = apis.train(configs / 'common.py', work_dir=tmp_path / 'plain', options=options)
    options['compile'] = dict(backend='eager')
    compiled = apis.train(configs / 'common.py', tmp_path / 'compiled', options=options)
    assert 'train_step' in vars(compiled)
    for one, other in zip(plain.parameters(), compiled.parameters(), strict=True):
        torch.testing.assert_close(one, other)


@pytest.mark.parametrize('own', [None, dict(backend='eager')])
def test_compilation_is_asked_of_the_runner(configs, monkeypatch, own):
    asked = []
    monkeypatch.setattr(
        CheckedRunner, 'from_cfg', lambda cfg: asked.append(cfg.get('compile')) or MagicMock()
    )
    options = dict(compile=own)
    apis.train(configs / 'common.py', options=options)
    apis.train(configs / 'common.py', compile=True, options=options)
    assert asked == [own, own or True]


def test_an_epoch_without_a_batch_is_refused(configs, tmp_path):
    options = {'train_dataloader.batch_size': 99, 'train_dataloader.drop_last': True}
    with pytest.raises(ValueError, match=r'12 training clips over 1 processes has no whole batch'):
        apis.train(configs / 'common.py', work_dir=tmp_path, options=options)


def test_a_learning_rate_planned_for_another_length_is_refused(configs, tmp_path):
    message = r'param_scheduler\.0 has 4 epochs, and its total_steps is 3: leave total_steps out'
    options = {'train_cfg.max_epochs': 4, 'param_scheduler.0.total_steps': 3}
    with pytest.raises(ValueError, match=message):
        apis.train(configs / 'common.py', work_dir=tmp_path, options=options)


def test_learning_rate_is_scaled_to_the_batch(configs, tmp_path):
    steps = [dict(type='MultiStepLR', milestones=[2], by_epoch=True)]
    apis.train(
        configs / 'common.py',
        work_dir=tmp_path / 'scaled',
        auto_scale_lr=True,
        options={
            'train_cfg.max_epochs': 1,
            'param_scheduler': steps,
            'auto_scale_lr.base_batch_size': 1,
        },
    )
    saved = torch.load(tmp_path / 'scaled' / 'epoch_1.pth')
    batch_size = apis.load_config(configs / 'common.py').train_dataloader.batch_size
    lr = apis.load_config(configs / 'common.py').optim_wrapper.optimizer.lr
    assert saved['optimizer']['param_groups'][0]['lr'] == pytest.approx(batch_size * lr)


def test_a_classifier_too_small_for_the_data_is_named(configs):
    with pytest.raises(ValueError, match=r'dataset\.num_classes is 9 and model\.cls_head\.num_'):
        apis.train(configs / 'common.py', options={'train_dataloader.dataset.num_classes': 9})
    with pytest.raises(ValueError, match=r'is 9 and model\.student\.cls_head\.num_classes is 2'):
        apis.train(configs / 'tiny.py', options={'train_dataloader.dataset.num_classes': 9})


def test_switches_that_a_config_cannot_take_are_named(configs):
    with pytest.raises(ValueError, match='OneCycleLR sets the learning rate itself'):
        apis.train(configs / 'common.py', auto_scale_lr=True)
    alone = apis.load_config(configs / 'common.py')
    alone.param_scheduler = dict(type='OneCycleLR', eta_max=0.1)
    with pytest.raises(ValueError, match='OneCycleLR sets the learning rate itself'):
        apis.train(alone, auto_scale_lr=True)
    with pytest.raises(ValueError, match='has no auto_scale_lr'):
        apis.train(configs / 'common.py', auto_scale_lr=True, options={'auto_scale_lr': None})
    with pytest.raises(ValueError, match='ApexOptimWrapper has no mixed precision'):
        apis.train(
            configs / 'common.py', amp=True, options={'optim_wrapper.type': 'ApexOptimWrapper'}
        )
