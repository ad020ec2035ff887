"""What is shown beside what, and what hiding hides."""

import numpy as np
import pytest

from partkd.datasets import load_annotations
from partkd.inference import load_model
from partkd.web import Contender, clips_by_name, contenders_of_folder
from partkd.web.contender import hide


@pytest.fixture(scope='module')
def contenders(reference):
    return contenders_of_folder(reference.work_dir, 'cpu')


def test_teacher_plain_and_distilled_stand_side_by_side(contenders, reference):
    """Each with the test's clips as its own file has them, and right as often as in the report."""
    teacher, plain, distilled = contenders
    assert (teacher.name, plain.name) == ('teacher', 'cross entropy')
    assert [one.is_hidden_from for one in contenders] == [False, True, True]
    assert teacher.model.layout.name != plain.model.layout.name
    split = load_annotations(reference.config.parent / 'low.pkl')['split']['val']
    for one in contenders:
        assert set(one.clips) <= set(split) and one.clips
        right = [
            one.answer(clip).scores[-1].argmax() == clip['label'] for clip in one.clips.values()
        ]
        runs = [r for r in reference.results.runs if r.model == one.name]
        (run,) = [r for r in runs if r.condition in ('OP 0', runs[0].condition)][:1]
        assert np.mean(right) == pytest.approx(run.metrics['acc/top1'])


def test_an_answer_grows_with_the_clip(contenders):
    student = contenders[-1]
    clip = next(iter(student.clips.values()))
    answer = student.answer(clip)
    total = clip['keypoint'].shape[1]
    assert answer.frames[-1] == total and (np.diff(answer.frames) > 0).all()
    for end, scores in zip(answer.frames, answer.scores, strict=True):
        cut = dict(clip, keypoint=clip['keypoint'][:, :end], total_frames=int(end))
        if 'keypoint_score' in clip:
            cut['keypoint_score'] = clip['keypoint_score'][:, :end]
        (alone,) = student.model.classify([student.model.prepare(cut)])
        np.testing.assert_allclose(alone, scores, atol=1e-5)


def test_hiding_hides_the_same_each_time(contenders):
    clip = next(iter(contenders[-1].clips.values()))
    hidden = hide(clip, (3, 4), 0.0)
    assert (
        not hidden['keypoint'][:, :, [3, 4]].any() and not hidden['keypoint_score'][:, :, 3].any()
    )
    np.testing.assert_array_equal(hidden['keypoint'][:, :, 5:], clip['keypoint'][:, :, 5:])
    assert clip['keypoint'][:, :, [3, 4]].any()
    counts = [
        (~hide(clip, (), share)['keypoint'].any(axis=(0, 1, 3))).sum() for share in (0, 0.3, 0.6)
    ]
    assert counts[0] <= counts[1] <= counts[2] and counts[2] > 4
    again = [hide(clip, (), 0.5)['keypoint'] for _ in range(2)]
    np.testing.assert_array_equal(*again)
    assert contenders[-1].answer(hide(clip, tuple(range(17)), 0.0)) is None


def test_one_model_alone(reference, student, clips):
    only = Contender('student', load_model(student.exported), clips_by_name([*clips, *clips]))
    assert len(only.clips) == len(clips)
    assert only.answer(clips[0]).scores.shape[1] == 2
    with pytest.raises(FileNotFoundError):
        contenders_of_folder(reference.config.parent)
