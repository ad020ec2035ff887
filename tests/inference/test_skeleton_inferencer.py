"""Clips of every kind in, actions out."""

import json

import numpy as np
import pytest

from partkd.apis import test
from partkd.inference import ClipReader, SkeletonInferencer, joints_by_name
from partkd.layouts import get_layout

test.__test__ = False
SHAPE = (480, 640)


@pytest.fixture
def inferencer(student):
    return SkeletonInferencer(student.exported, show_progress=False)


def test_it_agrees_with_the_test(student, reference, clips):
    """The share of right answers is what the recipe's test has."""
    inferencer = SkeletonInferencer(student.published, device='cpu', show_progress=False)
    found = inferencer(clips, batch_size=3)['predictions']
    right = [one['label'] == clip['label'] for one, clip in zip(found, clips, strict=True)]
    (run,) = [r for r in reference.results.runs if (r.model, r.condition) == ('PMSC', 'OP 0')]
    assert np.mean(right) == pytest.approx(run.metrics['acc/top1'])
    assert [one['name'] for one in found] == [clip['frame_dir'] for clip in clips]
    for one in found:
        assert one['class'] == inferencer.model.name_of(one['label']) == one['topk'][0][0]
        assert one['score'] == one['topk'][0][1] >= one['topk'][1][1]


def test_arrays_dicts_and_files_are_one(inferencer, clips, reference, tmp_path):
    clip = clips[0]
    inferencer.reader = ClipReader(inferencer.model.layout, img_shape=clip.get('img_shape', SHAPE))
    as_dict = dict(keypoint=clip['keypoint'])
    inputs = [clip['keypoint'], as_dict, clip['keypoint'][0]]
    all_of_it, again, first = inferencer(inputs, topk=1)['predictions']
    assert (all_of_it['name'], again['name']) == ('array', 'clip')
    assert all_of_it['score'] == pytest.approx(again['score'], abs=1e-6)
    assert len(first['topk']) == 1
    file = reference.config.parent / 'low.pkl'
    from_file = inferencer(str(file))['predictions']
    assert {one['name'] for one in from_file} > {one['frame_dir'] for one in clips}


def test_files_are_written(inferencer, clips, tmp_path):
    found = inferencer(
        [clips[0], dict(clips[1], frame_dir='../a b')],
        out=tmp_path / 'out.json',
        picture_folder=tmp_path / 'pictures',
    )
    assert json.loads((tmp_path / 'out.json').read_text()) == json.loads(
        json.dumps(found['predictions'])
    )
    names = sorted(file.name for file in (tmp_path / 'pictures').iterdir())
    assert len(names) == 2 and names[1] == '0001_.._a_b.png'
    assert found['visualization'] == [str(tmp_path / 'pictures' / name) for name in names]


def test_poses_of_an_estimator(student, tmp_path):
    """A file is a clip, a folder is of clips; nobody found is nobody recognised."""
    frame = [dict(keypoints=[10.0 + i for i in range(51)])]
    (tmp_path / 'walk.json').write_text(json.dumps([frame] * 12))
    inferencer = SkeletonInferencer(
        student.exported, poses='openpifpaf', img_shape=SHAPE, show_progress=False
    )
    (one,) = inferencer(tmp_path / 'walk.json')['predictions']
    assert one['name'] == 'walk' and one['label'] in (0, 1)
    (same,) = inferencer(tmp_path)['predictions']
    assert same == one
    (tmp_path / 'nobody.json').write_text(json.dumps([[]] * 12))
    (none,) = inferencer(tmp_path / 'nobody.json')['predictions']
    assert none == dict(name='nobody', label=None, score=None, topk=[]) | {'class': 'nobody'}
    with pytest.raises(ValueError, match='it is one of coco_results, mediapipe, openpifpaf'):
        SkeletonInferencer(student.exported, poses='ntu60')


def test_joints_by_name():
    found, wanted = get_layout('blazepose'), get_layout('coco')
    places = joints_by_name(found, wanted)
    assert [found.joints[place] for place in places] == list(wanted.joints)
    with pytest.raises(ValueError, match="layout 'coco' has no .*'left_eye_inner'"):
        joints_by_name(wanted, found)


GOOD = np.random.default_rng(0).uniform(1, 99, (1, 12, 17, 2)).astype(np.float32)


def spoilt(place, value):
    keypoint = GOOD.copy()
    keypoint[place] = value
    return keypoint


@pytest.mark.parametrize(
    'bad, message',
    [
        (spoilt((0, 3, 2, 0), np.nan), '1 NaN or infinite values .first: person 0, frame 3'),
        (spoilt((0, 3, 2, 0), 1e9), r'outside \[-1e\+06'),
        (GOOD.transpose(0, 1, 3, 2), 'keypoint has 2 joints'),
        (GOOD.transpose(0, 2, 1, 3), 'keypoint has 12 joints'),
        (GOOD[:, :0], 'it has no frames'),
        (GOOD.astype(str), 'no numeric array'),
        (dict(keypoint=GOOD.tolist()), 'no numeric array'),
        (dict(keypoint=GOOD, keypoint_score=np.ones((1, 12, 16))), r'asks for \(1, 12, 17\)'),
        (dict(keypoint=GOOD, img_shape='big'), 'img_shape'),
        (dict(), 'no numeric array'),
        (17, 'is no clip'),
        ([], 'there is no clip'),
    ],
)
def test_what_is_no_clip_has_no_class(inferencer, bad, message):
    with pytest.raises(ValueError, match=message):
        inferencer(bad if isinstance(bad, list) else [bad])


@pytest.mark.parametrize(
    'nobody',
    [
        np.zeros_like(GOOD),
        GOOD[:0],
        dict(keypoint=GOOD, keypoint_score=np.zeros((1, 12, 17))),
    ],
)
def test_nobody_is_no_class(inferencer, nobody):
    (one,) = inferencer([nobody])['predictions']
    assert (one['class'], one['label']) == ('nobody', None)


def test_files_that_are_none(inferencer, tmp_path):
    with pytest.raises(FileNotFoundError, match='there is no gone.pkl'):
        inferencer('gone.pkl')
    (tmp_path / 'a.txt').write_text('x')
    with pytest.raises(ValueError, match='neither an annotation file'):
        inferencer(tmp_path / 'a.txt')
    (tmp_path / 'a.mp4').write_text('x')
    with pytest.raises(ValueError, match='name an estimator'):
        inferencer(tmp_path / 'a.mp4')
    with pytest.raises(ValueError, match='return_datasamples'):
        inferencer(GOOD, return_datasamples=True)
