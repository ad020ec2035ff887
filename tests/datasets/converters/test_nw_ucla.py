import json

import numpy as np
import pytest

from partkd.layouts import get_layout


def write(path, frames=4) -> np.ndarray:
    positions = np.arange(frames * 60).reshape(frames, 20, 3) / 10 + 1
    path.write_text(json.dumps(dict(file_name=path.stem, skeletons=positions.tolist())))
    return positions


def test_converts(tmp_path, convert_to):
    positions = write(tmp_path / 'a01_s01_e00_v01.json')
    write(tmp_path / 'a12_s10_e04_v03.json')
    summary, clips = convert_to('nw_ucla', tmp_path)
    assert {name: clip['label'] for name, clip in clips.items()} == {
        'a01_s01_e00_v01': 0,
        'a12_s10_e04_v03': 9,
    }
    assert summary.split == dict(xview_train=['a01_s01_e00_v01'], xview_val=['a12_s10_e04_v03'])
    joints = get_layout('kinect_v1').joints
    keypoint = clips['a01_s01_e00_v01']['keypoint'][0]
    for place, joint in ((0, 'hip_centre'), (3, 'head'), (4, 'left_shoulder'), (19, 'right_foot')):
        np.testing.assert_allclose(keypoint[:, joints.index(joint)], positions[:, place])


@pytest.mark.parametrize(
    ('name', 'text', 'message'),
    [
        ('a07_s01_e00_v01', '{}', 'no name like'),
        ('a02_s01_e00_v01', '{"skeletons": [[', 'truncated or no JSON'),
        ('a02_s01_e00_v01', '[]', "no 'skeletons'"),
        ('a02_s01_e00_v01', '{"skeletons": [[1, 2], [3]]}', 'no array of numbers'),
        ('a02_s01_e00_v01', '{"skeletons": [[[1, 2, 3]]]}', 'shape (1, 1, 3), it should be (fr'),
    ],
)
def test_bad_file(name, text, message, tmp_path, convert_to):
    write(tmp_path / 'a01_s01_e00_v01.json')
    (tmp_path / f'{name}.json').write_text(text)
    summary, clips = convert_to('nw_ucla', tmp_path)
    assert message in summary.faults[0][1] and list(clips) == ['a01_s01_e00_v01']


def test_publishers_files_are_people(real_data, convert_to):
    """Heads are above hips, feet below; limbs are as long as people's."""
    _, clips = convert_to('nw_ucla', real_data / 'raw_samples' / 'nw_ucla')
    assert len(clips) == 2
    layout = get_layout('kinect_v1')
    for clip in clips.values():
        head, hip, foot = (
            clip['keypoint'][0, :, layout.joints.index(joint), 1].mean()
            for joint in ('head', 'hip_centre', 'left_foot')
        )
        assert head > hip + 0.4 and hip > foot + 0.5
        forearm = [layout.joints.index(joint) for joint in ('left_elbow', 'left_wrist')]
        length = np.linalg.norm(np.diff(clip['keypoint'][0][:, forearm], axis=1), axis=-1).mean()
        assert 0.15 < length < 0.4
