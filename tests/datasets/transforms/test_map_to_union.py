"""The union graph against positions worked out by hand, and where a pipeline may hold it."""

import numpy as np
import pytest
from mmengine.device import get_device

from partkd.datasets import PairedPoseDataset
from partkd.datasets.transforms import MapToUnion
from partkd.datasets.transforms.union_graph import namesakes
from partkd.layouts import get_layout, layout_names
from partkd.models import SkeletonDataPreprocessor

UNION = get_layout('union')
# A body that stands upright with its arms spread downwards, in COCO's joints.
BODY = dict(
    nose=(0, 6.2),
    left_eye=(-0.2, 6.4),
    right_eye=(0.2, 6.4),
    left_ear=(-0.4, 6.2),
    right_ear=(0.4, 6.3),
    left_shoulder=(-2, 4),
    right_shoulder=(2, 4),
    left_elbow=(-3, 3),
    right_elbow=(3, 3),
    left_wrist=(-4, 2),
    right_wrist=(4, 2),
    left_hip=(-1, 0.5),
    right_hip=(1, 0.5),
    left_knee=(-1, -2),
    right_knee=(1, -2),
    left_ankle=(-1, -4),
    right_ankle=(1, -4),
)
# By the rules of the paper: middles, means, and shares of a limb beyond its end.
GUESSED = dict(
    spine_base=(0, 0.5),
    spine_shoulder=(0, 4),
    spine_mid=(0, 2.25),
    upper_spine=(0, 3.125),
    head=(0, 6.3),
    neck=(0, 5.15),
    left_hand=(-4.25, 1.75),
    right_hand=(4.25, 1.75),
    left_foot=(-1, -4.3),
    right_foot=(1, -4.3),
    left_hand_tip=(-4.295, 1.705),
    right_hand_tip=(4.295, 1.705),
    left_thumb=(-4.33, 1.67),
    right_thumb=(4.33, 1.67),
)


@pytest.fixture
def body(random_results):
    """One person in one frame, without some of the joints."""

    def make(*missing):
        results = random_results('coco', channels=2, frames=1)
        results['keypoint'] = np.array([[list(BODY.values())]], np.float32)
        results['keypoint_score'] = np.full((1, 1, 17), 0.7, np.float32)
        for name in missing:
            joint = get_layout('coco').joints.index(name)
            results['keypoint'][..., joint, :] = results['keypoint_score'][..., joint] = 0
        return results

    return make


def by_name(results) -> tuple[dict, dict]:
    """Positions and scores of the one frame."""
    return (
        dict(zip(UNION.joints, results['keypoint'][0, 0], strict=True)),
        dict(zip(UNION.joints, results['keypoint_score'][0, 0].tolist(), strict=True)),
    )


def test_joints_keep_their_place_and_others_are_guessed(body):
    results = MapToUnion()(body())
    assert results['layout'] is UNION
    positions, scores = by_name(results)
    for name, expected in (BODY | GUESSED).items():
        np.testing.assert_allclose(positions[name], expected, atol=1e-6, err_msg=name)
        assert scores[name] == pytest.approx(0.7 if name in BODY else 0)
    assert positions.keys() == (BODY | GUESSED).keys()


def test_what_a_rule_lacks_leaves_its_joint_missing(body):
    gone = ['left_hip', 'left_wrist', 'nose', 'left_eye', 'right_eye', 'left_ear']
    positions, scores = by_name(MapToUnion()(body(*gone)))
    missing = ['left_hip', 'left_wrist', 'spine_base', 'spine_mid', 'upper_spine']
    missing += ['left_hand', 'left_hand_tip', 'left_thumb']
    for name in missing:
        assert not positions[name].any() and scores[name] == 0, name
    # one ear is all that is left of the face: the head, and from it the face
    for name in ('head', 'nose', 'left_eye', 'right_eye', 'left_ear'):
        np.testing.assert_allclose(positions[name], BODY['right_ear'], atol=1e-6)
    np.testing.assert_allclose(positions['right_hand'], GUESSED['right_hand'], atol=1e-6)


def test_what_was_seen_is_never_overwritten(random_results):
    """Kinect v2's joints are the first 25, in its own order."""
    results = random_results('nturgb+d', channels=3)
    before = results['keypoint'].copy()
    after = MapToUnion()(results)['keypoint']
    np.testing.assert_array_equal(after[..., :25, :], before)
    np.testing.assert_allclose(after[..., 30, :], before[..., [1, 20], :].mean(-2), rtol=1e-6)
    np.testing.assert_array_equal(after[..., 25:30, :], before[..., [3] * 5, :])


def test_the_published_table_of_kinect_v1_and_smpl():
    """arXiv 2604.17013, Table SI, whose Kinect has the order of NW-UCLA."""
    kinect = [0, 1, 20, 3, *range(4, 8), *range(8, 20)]
    found = namesakes(get_layout('nw_ucla'), UNION.joints)
    assert [found.index(joint) for joint in range(20)] == kinect
    smpl = {0: 0, 1: 12, 2: 16, 3: 1, 4: 13, 5: 17, 6: 30, 7: 14, 8: 18, 9: 20, 10: 15, 11: 19}
    smpl |= {12: 2, 15: 3, 16: 4, 17: 8, 18: 5, 19: 9, 20: 6, 21: 10}
    found = namesakes(get_layout('smpl'), UNION.joints)
    assert {joint: found.index(joint) for joint in smpl} == smpl


def test_no_joint_of_a_layout_stands_for_two():
    for name in set(layout_names()) - {'uiprmd_kinect', 'uiprmd_vicon'}:
        taken = [joint for joint in namesakes(get_layout(name), UNION.joints) if joint >= 0]
        assert len(taken) == len(set(taken)) >= 12, name


@pytest.mark.parametrize('place', [0, 1, 2], ids=['first', 'behind normalisation', 'in a batch'])
@pytest.mark.parametrize('whole', [False, True], ids=['one by one', 'as a batch'])
def test_clips_are_stored_in_the_graph_that_they_are_in(
    place, whole, make_clip, write_annotations, tmp_path
):
    """With and without a cache, wherever it stands, streams take the union's bones."""
    shape = (1, 5, 17, 2)
    keypoint = np.random.default_rng(0).uniform(1, 9, shape)
    file = write_annotations([make_clip('a', 0, shape, keypoint=keypoint)])
    pipeline = [dict(type='NormalizePose2D'), dict(type='RotateSkeleton')]
    pipeline.insert(place, dict(type='MapToUnion'))
    pipeline += [dict(type='SkeletonStreams', streams=['bone']), dict(type='PackSkeletonInputs')]
    cache = dict(folder=str(tmp_path / 'cache'))
    stored, plain = (
        PairedPoseDataset(file, pipeline, cache=each, test_mode=True) for each in (cache, None)
    )
    expected = plain[0]['inputs']
    assert expected.shape == (1, 5, 31, 2) and expected[..., UNION.joints.index('neck'), :].any()
    if not whole:
        np.testing.assert_array_equal(stored[0]['inputs'], expected)
        return
    preprocessor = SkeletonDataPreprocessor().to(get_device())
    (batch,) = stored.__getitems__([0])
    found = preprocessor(dict(inputs=[batch['inputs']]))['inputs']
    np.testing.assert_allclose(found.keypoint[0].cpu(), expected, rtol=1e-5, atol=1e-6)
