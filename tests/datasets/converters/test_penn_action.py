import numpy as np
import pytest
from scipy.io import savemat

from partkd.datasets import load_annotations


def content(frames=3, **fields) -> dict:
    """A clip of golf; joint 0 is nowhere, joint 1 was placed and not seen."""
    x = np.tile(np.arange(13.0) + 10, (frames, 1))
    visibility = np.ones((frames, 13), np.uint8)
    x[:, 0] = 1
    visibility[:, 0:2] = 0
    y = np.where(x == 1, 1, x + 100)
    return dict(
        action=['golf_swing'],
        x=x,
        y=y,
        visibility=visibility,
        train=1,
        dimensions=[270, 480, frames],
        **fields,
    )


@pytest.fixture
def src(tmp_path):
    folder = tmp_path / 'labels'
    folder.mkdir()
    savemat(folder / '0001.mat', content())
    savemat(folder / '0002.mat', content(5) | dict(train=-1, action=['bowl']))
    return folder


def test_converts(src, convert_to):
    summary, clips = convert_to('penn_action', src)
    clip = clips['0001']
    assert clip['label'] == 5 and clip['img_shape'] == (270, 480)
    assert clip['keypoint_score'][0, 0].tolist() == [0, 0] + [1] * 11
    assert clip['keypoint'][0, 2, :3].tolist() == [[0, 0], [0, 0], [12, 112]]
    assert clips['0002']['total_frames'] == 5
    assert summary.split == dict(train=['0001'], test=['0002'])
    assert summary.missing == 2 * (3 + 5)


def test_occluded_joints_on_request(src, convert_to):
    clip = convert_to('penn_action', src, occluded=True)[1]['0001']
    assert clip['keypoint_score'][0, 0].tolist() == [0] + [1] * 12
    assert clip['keypoint'][0, 2, 1].tolist() == [11, 111]


@pytest.mark.parametrize(
    ('fields', 'message'),
    [
        (dict(action=['golf']), "action is ['golf']: it should be one of baseball_pitch"),
        (dict(train=0), 'train is [[0]]: it should be 1 or -1'),
        (dict(x=np.ones((3, 12))), 'x has shape (3, 12), it should be (frames, 13)'),
        (dict(y=np.ones((4, 13))), 'y has 4 frames, x has 3'),
        (dict(y=np.full((3, 13), np.inf)), 'y is not finite'),
        (dict(visibility=np.zeros((3, 13))), 'no persons'),
    ],
)
def test_bad_file(fields, message, src, convert_to):
    savemat(src / '0003.mat', content() | fields)
    summary, clips = convert_to('penn_action', src)
    assert message in summary.faults[0][1] and '0003.mat' in summary.faults[0][0]
    assert list(clips) == ['0001', '0002']


@pytest.mark.parametrize(('occluded', 'file'), [(True, 'human13_2d'), (False, 'visible13_2d')])
def test_publishers_files_equal_the_reference(occluded, file, real_data, convert_to):
    """The reference has coordinates to a tenth of a pixel."""
    src = real_data / 'raw_samples' / 'penn_action'
    summary, clips = convert_to('penn_action', src, occluded=occluded)
    assert summary.split == dict(train=['1500'], test=['0001', '2326'])
    reference = load_annotations(real_data / 'pennaction' / f'{file}.pkl')['annotations']
    expected = next(clip for clip in reference if clip['frame_dir'] == '1500')
    clip = clips['1500']
    assert set(clip) == set(expected) and clip['label'] == expected['label']
    np.testing.assert_array_equal(clip['keypoint_score'], expected['keypoint_score'])
    np.testing.assert_allclose(clip['keypoint'], expected['keypoint'], atol=0.051)
