import numpy as np
import pytest
from mmaction.datasets.transforms import JointToBone, ToMotion

from partkd.datasets import STREAMS, FillMissingJoints, JointOcclusion, SkeletonStreams
from partkd.layouts import get_layout

LEFT_WRIST, LEFT_ELBOW = 9, 7


@pytest.fixture
def results(make_results) -> dict:
    """Elbow and wrist of a COCO skeleton in three frames; the elbow is missing in frame 1."""
    keypoint = np.zeros((1, 3, 17, 2))
    keypoint[0, :, LEFT_ELBOW] = [(1, 2), (0, 0), (3, 4)]
    keypoint[0, :, LEFT_WRIST] = [(5, 5), (6, 6), (8, 9)]
    score = keypoint.any(-1) * 0.5
    return make_results(keypoint, score=score)


def stream(results, name, **settings) -> np.ndarray:
    return SkeletonStreams([name], **settings)(results)['keypoint']


def test_bone_by_hand(results):
    assert get_layout('coco').bones()[LEFT_WRIST] == LEFT_ELBOW
    bone = stream(results, 'bone')
    np.testing.assert_array_equal(bone[0, :, LEFT_WRIST], [(4, 3), (0, 0), (5, 5)])
    assert not np.delete(bone, LEFT_WRIST, axis=2).any()  # no bone to a missing joint


def test_joint_motion_by_hand(results):
    motion = stream(results, 'joint_motion')
    np.testing.assert_array_equal(motion[0, :, LEFT_WRIST], [(1, 1), (2, 3), (0, 0)])
    assert not motion[0, :, LEFT_ELBOW].any()


def test_bone_motion_by_hand(make_results):
    keypoint = np.zeros((1, 3, 17, 2))
    keypoint[0, :, LEFT_ELBOW] = [(1, 2), (1, 2), (0, 0)]
    keypoint[0, :, LEFT_WRIST] = [(5, 5), (6, 7), (8, 9)]
    motion = stream(make_results(keypoint), 'bone_motion')
    np.testing.assert_array_equal(motion[0, :, LEFT_WRIST], [(1, 2), (0, 0), (0, 0)])


def test_a_joint_from_the_centre_by_hand(results):
    """The nose, which is there in two frames of three."""
    results['keypoint'][0, :2, 0], results['keypoint_score'][0, :2, 0] = (1, -1), 0.5
    centred = stream(results, 'centred_joint')
    np.testing.assert_array_equal(centred[0, :, LEFT_WRIST], [(4, 6), (5, 7), (0, 0)])
    np.testing.assert_array_equal(centred[0, :, LEFT_ELBOW], [(0, 3), (0, 0), (0, 0)])
    assert not np.delete(centred, [LEFT_WRIST, LEFT_ELBOW], axis=2).any()


def test_motion_over_two_frames_by_hand(results):
    motion = stream(results, 'two_frame_motion')
    np.testing.assert_array_equal(motion[0, :, LEFT_WRIST], [(3, 4), (0, 0), (0, 0)])
    np.testing.assert_array_equal(motion[0, :, LEFT_ELBOW], [(2, 2), (0, 0), (0, 0)])


@pytest.mark.parametrize('frames', [1, 2])
def test_a_clip_of_too_few_frames_does_not_move(frames, random_results):
    assert not stream(random_results(frames=frames), 'two_frame_motion').any()


def test_angles_of_bones_by_hand(results):
    """To both axes, and none where there is no bone."""
    angle = stream(results, 'bone_angle')
    first = np.arccos([4 / 5, 3 / 5])
    expected = [first, (0, 0), (np.pi / 4, np.pi / 4)]
    np.testing.assert_allclose(angle[0, :, LEFT_WRIST], expected, rtol=1e-6)
    assert not np.delete(angle, LEFT_WRIST, axis=2).any()


def test_channels_are_in_the_order_given(random_results):
    single = {name: stream(random_results(), name) for name in STREAMS}
    results = SkeletonStreams(['bone', 'joint', 'bone_motion'], with_score=True)(random_results())
    score = random_results()['keypoint_score'][..., None]
    expected = [single['bone'], single['joint'], single['bone_motion'], score]
    np.testing.assert_array_equal(results['keypoint'], np.concatenate(expected, axis=-1))
    assert results['streams'] == ('bone', 'joint', 'bone_motion', 'score')


@pytest.mark.parametrize(('layout', 'channels'), [('coco', 2), ('nturgb+d', 3)])
def test_complete_skeletons_equal_mmaction(layout, channels, random_results):
    keypoint = random_results(layout, channels=channels)['keypoint']
    bone = JointToBone(layout)({'keypoint': keypoint})['keypoint']
    for name, source in (('joint_motion', keypoint), ('bone_motion', bone)):
        expected = ToMotion(source='k')({'k': source})['motion']
        result = stream(random_results(layout, channels=channels), name)
        np.testing.assert_allclose(result, expected, atol=1e-6)
    np.testing.assert_allclose(stream(random_results(layout, channels=channels), 'bone'), bone)


def test_filled_joints_have_bones_and_score_zero(results):
    results = SkeletonStreams(['bone'], with_score=True)(FillMissingJoints('nearest')(results))
    np.testing.assert_array_equal(results['keypoint'][0, 1, LEFT_WRIST], (5, 4, 0.5))
    np.testing.assert_array_equal(results['keypoint'][0, 1, LEFT_ELBOW], (0, 0, 0))


def test_occluded_joints_have_no_bones(random_results):
    results = JointOcclusion(0.5, 'clip')(random_results('nturgb+d', channels=3))
    gone = results['keypoint_score'] == 0
    inner = list(results['layout'].bones())
    bone = stream(results, 'bone')
    centre = np.arange(25) == results['layout'].centre
    np.testing.assert_array_equal(~bone.any(-1), gone | gone[:, :, inner] | centre)


@pytest.mark.parametrize('streams', [[], ['velocity'], 'joint', ['joint', 'bones']])
def test_unknown_streams(streams):
    with pytest.raises(ValueError, match='streams=.*joint.*bone.*joint_motion.*bone_motion'):
        SkeletonStreams(streams)


def test_scores_that_another_transform_took_away_are_named(results):
    del results['keypoint_score']
    with pytest.raises(ValueError, match='keypoint_score of clip .* is gone .* behind that'):
        SkeletonStreams(['bone'])(results)
