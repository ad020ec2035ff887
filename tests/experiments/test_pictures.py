"""What a finished recipe has to show is drawn, of the models and clips that it is said to be of."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from partkd import PartAdapter
from partkd.experiments import Finished, LeftOutError, Pictures, pictures
from partkd.experiments.answers import ask
from partkd.structures import load_checkpoint


@pytest.fixture(scope='module')
def gallery(reference, tmp_path_factory) -> Pictures:
    """Of the folder of the recipe, after a move. Its models are asked once for all tests."""
    moved = shutil.copytree(reference.work_dir, tmp_path_factory.mktemp('moved') / 'work')
    return Pictures(Finished(moved), moved / 'pictures')


@pytest.fixture
def drawn(monkeypatch):
    """What is handed to the functions that draw, by their names."""
    calls: dict[str, list] = {}
    for name in dir(pictures):
        if name.startswith(('draw_', 'film_')):
            monkeypatch.setattr(
                pictures, name, lambda *args, name=name, **kwargs: calls.update({name: args})
            )
    return calls


def digits(answers) -> str:
    return ''.join(map(str, answers.correct.astype(int)))


def test_the_best_student_with_a_teacher_is_shown(gallery):
    assert (gallery.student, gallery.baseline) == ('PMSC', 'cross entropy')
    assert (gallery.condition, gallery.seed) == ('OP 0', 0)


def test_models_say_what_they_said_in_their_test(gallery):
    for answers, model in (
        (gallery._theirs, 'teacher'),
        (gallery._plain, 'cross entropy'),
        (gallery._mine, 'PMSC'),
    ):
        run = gallery._run(model)
        assert answers.clips == gallery.results.tested[run.tested]
        assert digits(answers) == run.correct
    assert not gallery.notes


def test_an_occluded_student_sees_its_own_clips(gallery):
    """It is asked under its condition, and so are the clips that are drawn of it."""
    occluded = Pictures(gallery.finished, gallery.folder, condition='OP .6')
    assert digits(occluded._mine) == occluded._run('PMSC').correct
    clean, hidden = (one._mine.shown(0)[0] for one in (gallery, occluded))
    gone = (hidden == 0).all(-1)
    assert 0.3 < gone.mean() < 0.9 and not (clean == 0).all(-1).any()
    np.testing.assert_array_equal(hidden[~gone], clean[~gone])


def test_the_matrix_counts_every_clip(gallery, drawn):
    gallery._confusion(Path('c.png'))
    counts, _, classes = drawn['draw_confusion_matrix']
    mine = gallery._mine
    for label, taken_for in zip(mine.labels, mine.predicted):
        counts[label, taken_for] -= 1
    assert not counts.any() and classes == ['0', '1']


def test_classes_that_gained_and_lost(gallery, drawn):
    """By hand, from what results.json says of each clip: those of even numbers are of class 0."""
    told = {model: gallery._run(model).correct for model in ('cross entropy', 'PMSC')}
    share = {
        model: [digits[label::2].count('1') / 3 for label in (0, 1)]
        for model, digits in told.items()
    }
    before, after, num_seeds = gallery._class_accuracies()
    assert before.tolist() == share['cross entropy'] and after.tolist() == share['PMSC']
    assert num_seeds == 1
    if share['PMSC'] == share['cross entropy']:
        with pytest.raises(LeftOutError, match='no class is better or worse than with cross'):
            gallery._classes(Path('c.png'))
    else:
        gallery._classes(Path('c.png'))
        before, after, names, *_ = drawn['draw_class_changes']
        points = after - before
        assert (np.diff(points) <= 0).all() and points.all()
        assert all(name.endswith('(3)') for name in names)


def test_part_features_lie_in_common_axes(gallery, drawn):
    gallery._features(Path('f.png'))
    sides, labels, _, _ = drawn['draw_part_features']
    assert list(sides) == ['teacher\n20 joints', 'student\n17 joints']
    theirs, mine = sides.values()
    assert theirs.shape == mine.shape == (6, 5, 2)
    assert labels.tolist() == [0, 1] * 3
    np.testing.assert_allclose((theirs + mine).mean(0), 0, atol=1e-6)


def test_a_clip_gained_and_a_clip_lost(gallery, drawn):
    theirs, mine = gallery._theirs, gallery._mine
    shown = Pictures(gallery.finished, gallery.folder)
    right, wrong = mine.labels, 1 - mine.labels
    shown.__dict__ |= dict(
        _theirs=replace(theirs, predicted=np.where(np.arange(6) < 3, wrong, right)),
        _plain=replace(mine, predicted=wrong),
        _mine=replace(mine, predicted=np.where(np.arange(6) < 2, wrong, right)),
    )
    text = shown._gained(Path('s.png'), Path('s.gif'))
    assert text.startswith('One of 4 clips')  # 2 to 5, of which the teacher knows 3
    clips, file = drawn['draw_skeletons']
    assert file == Path('s.png')
    (high, keypoint, _), (low, _, layout) = clips
    assert high == 'high quality\n20 joints' and low == 'low quality, OP 0\n17 joints'
    np.testing.assert_array_equal(keypoint, theirs.shown(3)[0])
    assert layout.name == 'coco'
    clips, _, caption = drawn['film_skeletons']
    assert caption == 'v3: 1\nteacher: 1 ✓\ncross entropy: 0 ✗\nPMSC: 1 ✓'
    with pytest.raises(LeftOutError, match='no clip is right with cross entropy, wrong with PMSC'):
        shown._lost(Path('s.png'), Path('s.gif'))


def test_accuracy_falls_over_conditions(gallery, drawn):
    text = gallery._occlusion(Path('o.png'))
    (panels, reference, _) = drawn['draw_occlusion_curves']
    assert reference == 'teacher' and 'no bands' in text
    (curves,) = panels.values()
    for model, rows in curves.items():
        expected = [gallery.results.by_seed(model, name)[0] for name in ('OP 0', 'OP .6')]
        assert rows[:, :2].tolist() == [[0, expected[0]], [0.6, expected[1]]]
        assert np.isnan(rows[:, 2]).all()


def edited(gallery, tmp_path, **fields) -> Finished:
    """The folder, with other fields in results.json."""
    work = shutil.copytree(gallery.finished.work_dir, tmp_path / 'work')
    content = json.loads((work / 'results.json').read_text())
    (work / 'results.json').write_text(json.dumps(content | fields))
    return Finished(work)


def test_one_level_of_occlusion_is_no_curve(gallery, tmp_path):
    conditions = {'OP 0': dict(prob=0.0), 'OP .6': dict(prob=0.6, scope='clip')}
    runs = json.loads((gallery.finished.work_dir / 'results.json').read_text())['runs']
    kept = [run for run in runs if run['condition'] in (None, 'OP 0')]
    finished = edited(
        gallery, tmp_path, conditions={'OP 0': conditions['OP 0']}, runs=kept, paper={}
    )
    with pytest.raises(LeftOutError, match='not two levels of one kind of occlusion'):
        Pictures(finished, tmp_path)._occlusion(tmp_path / 'o.png')


def test_conditions_of_other_degradations_are_in_no_curve(gallery, tmp_path):
    own = json.loads((gallery.finished.work_dir / 'results.json').read_text())['conditions']
    others = {
        'jitter': dict(degradations=['jitter']),
        'both': dict(prob=0.3, scope='clip', test_degradations=['jitter']),
    }
    finished = edited(gallery, tmp_path, conditions=own | others)
    (before,), (after,) = (one.occlusion_curves().values() for one in (gallery.finished, finished))
    assert before.keys() == after.keys()
    for model, rows in before.items():
        np.testing.assert_array_equal(after[model], rows)


def test_what_a_plain_student_has_not_is_left_out(gallery):
    plain = Pictures(gallery.finished, gallery.folder, student='cross entropy')
    for draw in (plain._part_matrix, plain._features):
        with pytest.raises(LeftOutError, match='cross entropy has no teacher'):
            draw(Path('x.png'))
    with pytest.raises(LeftOutError, match='cross entropy is the baseline'):
        plain._class_accuracies()


def test_features_of_another_teacher_are_not_compared(gallery, monkeypatch):
    monkeypatch.setattr(gallery.finished, 'learned_from', lambda cfg, teacher: False)
    with pytest.raises(LeftOutError, match='learned from another teacher'):
        gallery._features(Path('f.png'))
    monkeypatch.undo()
    cfg = gallery.finished.config(gallery._run('PMSC'))
    assert gallery.finished.learned_from(cfg, gallery._run('teacher'))
    cfg.model.teacher.teacher.checkpoint = 'work/seed_0/teacher-00000000/epoch_3.pth'
    assert not gallery.finished.learned_from(cfg, gallery._run('teacher'))


def test_a_change_of_the_clips_is_seen(gallery, tmp_path, monkeypatch):
    shown = Pictures(gallery.finished, tmp_path)
    others = replace(gallery._mine, predicted=1 - gallery._mine.predicted)
    monkeypatch.setattr(pictures, 'ask', lambda *args: others)
    assert shown._mine is others
    assert shown.notes[0].startswith('6 clips of PMSC are judged otherwise here')
    monkeypatch.setattr(pictures, 'ask', lambda *args: replace(others, clips=list('abcdef')))
    with pytest.raises(LeftOutError, match='test clips of teacher are others than it was tested'):
        _ = shown._theirs


def test_an_adapter_is_asked_behind_the_student(gallery, tmp_path):
    """Its map is in the distilled checkpoint; without one the features are the student's own."""
    run = gallery._run('PMSC')
    cfg, checkpoint = gallery.finished.config(run), gallery.finished.checkpoint(run)
    own = ask(cfg, checkpoint)
    assert own.parts.shape == (6, 5, 4)
    cfg.model.adapter = dict(type='PartAdapter', in_channels=4, out_channels=7)
    with pytest.raises(ValueError, match='does not fit'):
        ask(cfg, checkpoint)  # this one has none
    loaded = load_checkpoint(checkpoint)
    adapter = PartAdapter(4, 7)
    loaded['state_dict'] |= {f'adapter.{k}': v for k, v in adapter.state_dict().items()}
    torch.save(dict(state_dict=loaded['state_dict']), tmp_path / 'adapted.pth')
    weight = adapter.weight.detach().numpy()
    expected = np.stack([own.parts[:, part] @ weight[part].T for part in range(5)], 1)
    adapted = ask(cfg, tmp_path / 'adapted.pth')
    np.testing.assert_allclose(adapted.parts, expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(adapted.predicted, own.predicted)


def test_a_folder_that_is_none_is_refused(gallery, tmp_path):
    with pytest.raises(FileNotFoundError, match=r'results\.json'):
        Finished(tmp_path)
    for key, known in (('student', 'PMSC'), ('condition', 'OP 0')):
        with pytest.raises(ValueError, match=rf"no {key} 'gone': it is one of .*{known}"):
            Pictures(gallery.finished, tmp_path, **{key: 'gone'})
    runs = [run for run in gallery.results.runs if run.model != 'PMSC']
    unfinished = replace(gallery.results, runs=runs)
    unfinished.save(tmp_path / 'results.json')
    with pytest.raises(ValueError, match=r'no seed under which .*PMSC are all trained'):
        Pictures(Finished(tmp_path), tmp_path, student='PMSC')


def test_files_outside_of_the_folder_are_not_read(gallery, tmp_path):
    run = replace(gallery._run('PMSC'), files=dict(config='../x.py', checkpoint='/x.pth'))
    for read in (gallery.finished.config, gallery.finished.checkpoint):
        with pytest.raises(ValueError, match='which is not in this folder'):
            read(run)
