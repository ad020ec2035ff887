"""What looks wrong is said, and what is right is not."""

import numpy as np
import pytest

from partkd.datasets import load_annotations
from partkd.datasets.annotations import suspicions
from partkd.datasets.synthetic import make_synthetic
from partkd.layouts import get_layout

REAL = {
    'utdmhad/kinect20_3d.pkl': 'kinect_v1',
    'utdmhad/blazepose_lite_120_coco17_2d.pkl': 'coco',
    'msraction3d/kinect20_3d.pkl': 'kinect_v1',
    'msraction3d/blazepose_lite_112_coco17_2d.pkl': 'coco',
    'pennaction/human13_2d.pkl': 'penn_action',
    'pennaction/visible13_2d.pkl': 'penn_action',
    'uiprmd/kinect22_3d.pkl': 'uiprmd_kinect',
    'uiprmd/vicon39_3d.pkl': 'uiprmd_vicon',
}


@pytest.fixture(scope='module')
def clips(tmp_path_factory) -> list[dict]:
    """25 joints in 3D, without scores."""
    files = make_synthetic(tmp_path_factory.mktemp('made'), num_subjects=2, repeats=1)
    clips = load_annotations(files['teacher'])['annotations']
    return [{key: clip[key] for key in ('frame_dir', 'label', 'keypoint')} for clip in clips]


def changed(clips, function):
    return [clip | dict(keypoint=function(np.array(clip['keypoint']))) for clip in clips]


def test_a_body_is_as_it_should_be(clips):
    assert suspicions(clips, get_layout('nturgb+d')) == ''
    assert suspicions([], get_layout('nturgb+d')) == ''


def test_frames_in_the_place_of_persons(clips):
    turned = changed(clips, lambda keypoint: keypoint.swapaxes(0, 1))
    said = suspicions(turned, get_layout('nturgb+d'))
    assert f'{len(clips)} of {len(clips)} clips have one or two frames of 4 persons or more' in said
    three = changed(clips, lambda keypoint: np.concatenate([keypoint[:1, :1]] * 3))
    assert suspicions(three, get_layout('nturgb+d')) == ''


@pytest.mark.parametrize('value', [-1.0, 0.5])
def test_a_value_in_the_place_of_missing_joints(clips, value):
    random = np.random.default_rng(0)

    def hide(keypoint):
        keypoint[random.random(keypoint.shape[:3]) < 0.1] = value
        return keypoint

    spoilt = changed(clips, hide)
    said = suspicions(spoilt, get_layout('nturgb+d'))
    assert f'10% of the joints are at exactly ({value}, {value}, {value})' in said
    scored = [clip | dict(keypoint_score=np.ones(clip['keypoint'].shape[:3])) for clip in spoilt]
    assert 'exactly' not in suspicions(scored, get_layout('nturgb+d'))
    assert 'exactly' not in suspicions(changed(spoilt, zero(value)), get_layout('nturgb+d'))


def zero(value):
    return lambda keypoint: np.where(keypoint == value, 0, keypoint)


def test_a_joint_that_is_the_origin_is_no_missing_one(clips):
    centred = changed(clips, lambda keypoint: keypoint - keypoint[:, :, :1] + 1)
    assert suspicions(centred, get_layout('nturgb+d')) == ''


def test_joints_in_another_order(clips):
    order = np.random.default_rng(0).permutation(25)
    said = suspicions(
        changed(clips, lambda keypoint: keypoint[:, :, order]), get_layout('nturgb+d')
    )
    assert 'the bones of layout nturgb+d are ' in said
    assert "are the joints in the layout's order? It is spine_base" in said


def test_joints_in_the_order_of_another_layout(clips):
    said = suspicions(clips, get_layout('openpose25'))
    assert '; those of nturgb+d are 1.' in said


def test_joints_that_were_never_seen_count_for_nothing(clips):
    def without_a_leg(keypoint):
        keypoint[:, :, 12:16] = 0
        return keypoint

    assert suspicions(changed(clips, without_a_leg), get_layout('nturgb+d')) == ''


@pytest.mark.parametrize('file', REAL)
def test_real_data_is_not_suspected_and_a_wrong_order_is(real_data, file):
    path = real_data / file
    if not path.is_file():
        pytest.skip(f'no {file}')
    content = load_annotations(path)
    layout = get_layout(REAL[file])
    clips = [clip for clip in content['annotations'] if clip['keypoint'].any()]
    assert suspicions(clips, layout) == ''
    if REAL[file] == 'kinect_v1':  # NW-UCLA has the trunk from the hip upwards
        order = np.r_[3, 2, 1, 0, 4:20]
        assert 'bones' in suspicions(changed(clips, lambda found: found[:, :, order]), layout)
