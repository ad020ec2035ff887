"""The joint orders against recordings: bones keep their length, bodies stand upright."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from partkd.layouts import get_layout

FILES = {
    'kinect_v1': 'utdmhad/kinect20_3d.pkl',
    'uiprmd_kinect': 'uiprmd/kinect22_3d.pkl',
    'uiprmd_vicon': 'uiprmd/vicon39_3d.pkl',
}


@pytest.fixture(scope='module')
def clips(real_data: Path):
    """A function that gives some clips (T, V, C) of a layout's recordings."""

    def read(name: str) -> list[np.ndarray]:
        path = real_data / FILES[name]
        if not path.is_file():
            pytest.skip(f'{path} is not there')
        annotations = pickle.loads(path.read_bytes())['annotations']
        return [annotation['keypoint'][0] for annotation in annotations[::20]]

    return read


def bone_lengths(keypoint: np.ndarray, bones: tuple[int, ...]) -> np.ndarray:
    """Lengths (T, V) of the bones of a clip."""
    return np.linalg.norm(keypoint - keypoint[:, list(bones)], axis=-1)


@pytest.mark.parametrize('name', FILES)
def test_bones_keep_their_length(name: str, clips):
    layout = get_layout(name)
    lengths = [bone_lengths(clip, layout.bones()) for clip in clips(name)]
    spread = np.median([x.std(0) / x.mean(0).clip(1e-9) for x in lengths], axis=0)
    # Kinect v1 guesses hands from blurred pixels, and bending the hip moves a thigh's marker.
    loose = {'left_hand', 'right_hand', 'LTHI', 'RTHI'} if name != 'uiprmd_kinect' else set()
    steady = [j for j, joint in enumerate(layout.joints) if joint not in loose]
    assert spread[steady].max() < 0.1


@pytest.mark.parametrize('name', FILES)
def test_left_and_right_bones_are_alike(name: str, clips):
    layout = get_layout(name)
    lengths = np.median([bone_lengths(c, layout.bones()).mean(0) for c in clips(name)], axis=0)
    paired = [j for j, image in enumerate(layout.swap) if image != j]
    ratio = lengths[paired] / lengths[[layout.swap[j] for j in paired]]
    assert (abs(np.log(ratio)) < 0.15).all()


def test_vicon_markers_lie_where_their_names_say(clips):
    layout = get_layout('uiprmd_vicon')
    first = np.stack([clip[0] for clip in clips('uiprmd_vicon')])
    height = dict(zip(layout.joints, np.median(first[..., 2], axis=0), strict=True))  # mm, z is up
    chain = ['LTOE', 'LTIB', 'LKNE', 'LTHI', 'LASI', 'STRN', 'CLAV', 'LBHD', 'LFHD']
    assert all(height[low] < height[high] for low, high in zip(chain, chain[1:], strict=False))
    assert height['LTOE'] < 100
    assert 1400 < height['LFHD'] < 1900
    # From the left hip bone to the right one, all left markers come before their counterparts.
    left, right = layout.hips
    axis = first[:, right] - first[:, left]
    along = np.einsum('nvc,nc->nv', first, axis)
    marked = [j for j in range(layout.num_joints) if layout.joints[j].startswith('L')]
    assert (np.median(along[:, [layout.swap[j] for j in marked]] - along[:, marked], 0) > 0).all()


@pytest.mark.parametrize('name', ['kinect_v1', 'uiprmd_kinect'])
def test_kinect_bodies_stand_upright(name: str, clips):
    layout = get_layout(name)
    first = np.stack([clip[0] for clip in clips(name)])
    height = dict(zip(layout.joints, np.median(first[..., 1], axis=0), strict=True))  # y is up
    chains = {
        'kinect_v1': ['left_foot', 'left_knee', 'hip_centre', 'spine', 'shoulder_centre', 'head'],
        'uiprmd_kinect': ['left_toes', 'left_lower_leg', 'waist', 'spine', 'chest', 'head_tip'],
    }
    chain = chains[name]
    assert all(height[low] < height[high] for low, high in zip(chain, chain[1:], strict=False))
