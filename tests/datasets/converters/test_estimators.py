"""Each form of file: two persons, three frames, the second without anybody."""

import json

import numpy as np
import pytest

from partkd.datasets import load_annotations, save_annotations
from partkd.datasets.converters import convert
from partkd.layouts import get_layout

SIZE = (480, 640)  # height, width


def poses(layout: str) -> np.ndarray:
    """(2 persons, 3 frames, V, 3), the second person below and seen less well."""
    joints = get_layout(layout).num_joints
    rng = np.random.default_rng(joints)
    pose = np.concatenate([rng.uniform(100, 200, (joints, 2)), np.full((joints, 1), 0.75)], axis=1)
    clip = np.repeat(pose[None, None], 2, axis=0).repeat(3, axis=1)
    clip[1, :, :, 1] += 200
    clip[1, :, :, 2] = 0.5
    clip[:, :, :, 0] += np.arange(3)[None, :, None]
    clip[:, 1] = 0
    return clip.round(4)


def frame_by_frame(layout: str) -> list[list[np.ndarray]]:
    """Persons of each frame, those of the last in the other order."""
    first, second = poses(layout)
    return [[first[0], second[0]], [], [second[2], first[2]]]


def dump(path, content) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def write_openpose(folder, layout='openpose25'):
    for number, people in enumerate(frame_by_frame(layout)):
        content = dict(people=[dict(pose_keypoints_2d=p.ravel().tolist()) for p in people])
        dump(folder / 'clip' / f'clip_{number:012d}_keypoints.json', content)


def write_openpose_video(folder):
    frames = [
        dict(people=[dict(pose_keypoints_2d=p.ravel().tolist()) for p in people])
        for people in frame_by_frame('openpose25')
    ]
    dump(folder / 'clip.json', frames)


def pifpaf(people):
    return [dict(keypoints=p.ravel().tolist(), score=0.9, category_id=1) for p in people]


def write_openpifpaf(folder):
    for number, people in enumerate(frame_by_frame('coco'), 1):
        dump(folder / 'clip' / f'frame{number}.jpg.predictions.json', pifpaf(people))


def write_openpifpaf_video(folder):
    lines = [
        json.dumps(dict(frame=number, predictions=pifpaf(people)))
        for number, people in enumerate(frame_by_frame('coco'), 1)
    ]
    (folder / 'clip.mp4.openpifpaf.json').write_text('\n'.join(lines) + '\n')


def write_coco_results(folder):
    results = [
        dict(image_id=image_id, category_id=1, keypoints=p.ravel().tolist(), score=1)
        for image_id, people in zip((0, 1, 'clip_000002.jpg'), frame_by_frame('coco'))
        for p in people
    ]
    dump(folder / 'clip.json', results)


def write_ultralytics(folder):
    def summary(p):
        points = dict(zip(('x', 'y', 'visible'), p.T.tolist()))
        return {'name': 'person', 'class': 0, 'confidence': 0.9, 'keypoints': points}

    dump(folder / 'clip.json', [[summary(p) for p in people] for people in frame_by_frame('coco')])


def write_rtmlib(folder):
    frames = [
        dict(
            keypoints=[p[:, :2].tolist() for p in people],
            scores=[p[:, 2].tolist() for p in people],
        )
        for people in frame_by_frame('coco')
    ]
    dump(folder / 'clip.json', frames)


def write_mediapipe(folder):
    def marks(p):
        names = ('x', 'y', 'visibility')
        shares = (p / (SIZE[1], SIZE[0], 1)).tolist()
        return [dict(zip(names, mark), z=0.1) for mark in shares]

    frames = [[marks(p) for p in people] for people in frame_by_frame('blazepose')]
    dump(folder / 'clip.json', [frames[0], dict(pose_landmarks=[]), dict(landmarks=frames[2])])


FORMS = [
    ('openpose', write_openpose),
    ('openpose', write_openpose_video),
    ('openpifpaf', write_openpifpaf),
    ('openpifpaf', write_openpifpaf_video),
    ('coco_results', write_coco_results),
    ('ultralytics', write_ultralytics),
    ('rtmlib', write_rtmlib),
    ('mediapipe', write_mediapipe),
]


@pytest.fixture
def src(tmp_path):
    folder = tmp_path / 'src'
    folder.mkdir()
    return folder


@pytest.fixture
def convert_unlabelled(tmp_path):
    """Converts; returns the summary and the one clip, which has no label."""

    def run(name, src, **options):
        summary = convert(name, src, tmp_path / 'out.pkl', options=options)
        (clip,) = load_annotations(tmp_path / 'out.pkl')['annotations']
        assert 'label' not in clip
        return summary, clip

    return run


@pytest.mark.parametrize(('name', 'write'), FORMS)
def test_every_form(name, write, src, convert_unlabelled):
    write(src)
    summary, clip = convert_unlabelled(name, src, img_shape=SIZE)
    expected = poses(summary.layout)
    assert clip['frame_dir'] == 'clip' and clip['img_shape'] == SIZE
    np.testing.assert_allclose(clip['keypoint'], expected[..., :2], rtol=1e-5)
    np.testing.assert_allclose(clip['keypoint_score'], expected[..., 2], rtol=1e-5)
    assert not summary.split and not summary.labels


def test_fewer_persons(src, convert_unlabelled):
    write_rtmlib(src)
    _, clip = convert_unlabelled('rtmlib', src, persons=1)
    np.testing.assert_allclose(clip['keypoint'], poses('coco')[:1, ..., :2], rtol=1e-5)


def test_another_layout(src, convert_unlabelled):
    write_openpose(src, 'openpose')
    summary, clip = convert_unlabelled('openpose', src, layout='openpose')
    assert summary.layout == 'openpose' and clip['keypoint'].shape[2] == 18


def test_clips_side_by_side_in_one_folder(src, convert_to):
    """OpenPose writes frames of several videos into one folder."""
    for clip in ('wave_1', 'wave_2', 'clap'):
        write_openpose(src / clip)
        for file in (src / clip / 'clip').iterdir():
            file.rename(src / file.name.replace('clip', clip, 1))
        (src / clip / 'clip').rmdir()
        (src / clip).rmdir()
    labels = src / 'labels.csv'
    labels.write_text('name,label,subject,split\nclap,clap,1,train\nwave_1,wave,2,val\n')
    summary, clips = convert_to('openpose', src, ignore=['wave_2'], labels=str(labels))
    assert {name: clip['label'] for name, clip in clips.items()} == dict(clap=0, wave_1=1)
    assert all(clip['total_frames'] == 3 for clip in clips.values())
    assert summary.split == dict(train=['clap'], val=['wave_1'])
    assert summary.origins['subject'] == {'1', '2'}


def test_folders_are_classes(src, convert_to):
    write_openpifpaf(src / 'wave' / 'day1')
    write_openpifpaf(src / 'clap')
    (src / 'clap' / 'clip').rename(src / 'clap' / 'other')
    summary, clips = convert_to('openpifpaf', src, labels='folders')
    assert {name: clip['label'] for name, clip in clips.items()} == dict(other=0, clip=1)
    assert len(summary.labels) == 2


def test_a_folder_with_the_name_of_a_clip(src, convert_unlabelled):
    """Frames of a video, and pictures of it in a folder beside them."""
    write_openpose(src)
    (src / 'clip' / 'clip').mkdir()
    assert convert_unlabelled('openpose', src)[1]['total_frames'] == 3
    people = dict(people=[dict(pose_keypoints_2d=[1.0] * 75)])
    dump(src / 'clip' / 'clip_000000000003_keypoints.json', people)
    assert convert_unlabelled('openpose', src)[1]['total_frames'] == 4


def test_labels_of_another_sensors_file(src, convert_to, tmp_path):
    """All that an annotation file says of the clips: class, splits, size of the pictures."""
    write_openpifpaf(src)
    keypoint = np.ones((1, 2, 20, 3), np.float32)
    clips = [
        dict(frame_dir='clip', label=1, keypoint=keypoint, img_shape=SIZE),
        dict(frame_dir='nobody', label=0, keypoint=keypoint),
    ]
    split = dict(a_train=['clip', 'nobody'], b_val=['clip'], b_train=['nobody'])
    save_annotations(clips, split, tmp_path / 'kinect.pkl', ['zap', 'act'])
    summary, clips = convert_to('openpifpaf', src, labels=str(tmp_path / 'kinect.pkl'))
    assert clips['clip']['label'] == 1 and clips['clip']['img_shape'] == SIZE
    assert summary.split == dict(a_train=['clip'], b_val=['clip'])
    written = load_annotations(tmp_path / 'out' / 'openpifpaf.pkl')
    assert written['classes'] == ['zap', 'act']


def test_labels_that_are_numbers(src, convert_to):
    write_rtmlib(src)
    labels = src / 'labels.csv'
    labels.write_text('name,label\nclip,7\n')
    assert convert_to('rtmlib', src, labels=str(labels))[1]['clip']['label'] == 7


@pytest.mark.parametrize(
    ('name', 'text', 'message'),
    [
        ('openpose', '[{"people": []}, {}]', 'frame 2 is not as the estimator writes it (KeyError'),
        ('openpose', '[{"people": [{"pose_keypoints_2d": [1, 2, 3]}]}]', "1 joints, layout 'openp"),
        ('openpose', '[{"people"', 'truncated or no JSON'),
        ('openpose', '[]', 'nobody is in its 0 frames'),
        ('openpose', '[{"people": []}]', 'nobody is in its 1 frames'),
        ('openpifpaf', '{"predictions": []}\n{"predictions": [', 'truncated or no JSON'),
        ('openpifpaf', '{"predictions": []}\n{"pred": []}', 'frame 2 is not as the estimator'),
        ('openpifpaf', '{"predictions": []}\n{"predi\n', 'line 2 is truncated or no JSON'),
        ('coco_results', '[{"keypoints": []}]', 'result 1 has no image_id'),
        ('coco_results', '[{"image_id": 12345678}]', 'result 1 has no image_id with the number'),
        ('coco_results', '[3]', 'malformed (AttributeError'),
        ('ultralytics', '[[{"keypoints": {"x": [1], "y": [2, 3]}}]]', 'frame 1 is not as'),
        ('rtmlib', '[{"keypoints": [[[1, 2]]], "scores": []}]', 'frame 1 is not as the estimator'),
        ('rtmlib', '[{"keypoints": [[[1, 2]]], "scores": [[null]]}]', 'frame 1 is not as the esti'),
        ('mediapipe', '[[{"x": 1}]]', "frame 1 is not as the estimator writes it (KeyError: 'y')"),
    ],
)
def test_bad_files(name, text, message, src, tmp_path):
    dict(FORMS)[name](src)
    (src / 'other.json').write_text(text)
    summary = convert(name, src, tmp_path / 'out.pkl', options=dict(img_shape=SIZE))
    ((where, fault),) = summary.faults
    assert 'other' in where and message in fault
    assert summary.clips == 1


def test_a_bad_frame_is_named(src, tmp_path):
    write_openpose(src)
    write_openpose(src / 'again')
    bad = src / 'again' / 'clip' / 'clip_000000000002_keypoints.json'
    bad.write_text(bad.read_text()[:50])
    (src / 'again' / 'clip').rename(src / 'again' / 'bad')
    summary = convert('openpose', src, tmp_path / 'out.pkl')
    assert 'clip_000000000002_keypoints.json: truncated' in summary.faults[0][1]


def test_what_is_asked_for_wrongly(src, convert_to):
    write_mediapipe(src)
    with pytest.raises(ValueError, match='shares of the picture: set img_shape'):
        convert_to('mediapipe', src)
    labels = src / 'labels.csv'
    labels.write_text('clip,7\n')
    with pytest.raises(ValueError, match=r"columns \['clip', '7'\]: it should have label,"):
        convert_to('rtmlib', src, labels=str(labels))
    labels.write_text('name,label\nanother,7\n')
    with pytest.raises(ValueError, match="has no row for 'clip'"):
        convert_to('mediapipe', src, labels=str(labels), img_shape=SIZE)
    other, clip = src / 'other.pkl', dict(frame_dir='clip', keypoint=np.ones((1, 2, 17, 2)))
    for fields, message in (
        (dict(), 'other.pkl has a clip without a name or a label'),
        (dict(label=1, img_shape=5), 'img_shape is 5: it is height and width'),
    ):
        save_annotations([clip | fields], {}, other)
        with pytest.raises(ValueError, match=message):
            convert_to('mediapipe', src, labels=str(other), img_shape=SIZE)
