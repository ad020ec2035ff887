"""No transform knows a data set: every layout goes through every one of them."""

import inspect

import numpy as np
import pytest
from mmaction.registry import TRANSFORMS

from partkd.datasets import transforms
from partkd.datasets.transforms.augment import Augmentation
from partkd.layouts import get_layout, layout_names

SETTINGS = {
    'FillMissingFrames': [{}],
    'FillMissingJoints': [{'by': by} for by in ('linear', 'mean', 'nearest')],
    'FlipSkeleton': [{'prob': 1.0}],
    'FrameGap': [{'frames': 4, 'centre': 3}],
    'FrameLoss': [{'share': 0.5, 'form': form} for form in ('random', 'uniform', 'block')],
    'JointJitter': [{'prob': 0.5, 'deviation': 0.2}],
    'JointOcclusion': [
        *({'prob': 0.5, 'scope': scope} for scope in ('frame', 'clip', 'part')),
        {'prob': 0.5, 'once': True},
    ],
    'MapToLayout': [{'layout': 'coco'}, {'layout': 'nturgb+d'}],
    'MapToUnion': [{}],
    'KeepPersons': [{'max_persons': 1, 'by': by} for by in ('score', 'movement', 'size')],
    'NormalizePose2D': [{}, {'mode': 'image'}],
    'NormalizePose3D': [{}, {'align': True, 'scale': True}],
    'PackSkeletonInputs': [{}],
    'PartLoss': [{'part': part} for part in ('left_arm', 'right_arm', 'hands', 'legs')],
    'ProjectPose': [{}],
    'RotateSkeleton': [{}, {'axes': ['x', 'y', 'z']}],
    'ScaleSkeleton': [{}],
    'ShearSkeleton': [{}, {'max_share': 0.5, 'prob': 1.0}],
    'SkeletonStreams': [{'streams': list(transforms.STREAMS), 'with_score': True}],
    'StructuralMask': [{'prob': 1.0}, {'share': 0.5, 'num_drawn': 1, 'reach': 3}],
    'TemporalCubeMask': [{'prob': 1.0}, {'num_cubes': 2, 'num_masked': 1}],
    'TruncateFrames': [{'max_frames': 5}],
    'UniformSampleSkeleton': [{'clip_len': 5}, {'clip_len': 20}, {'clip_len': 6, 'least': 0.5}],
}
CASES = [(name, settings) for name, several in SETTINGS.items() for settings in several]
CASE_IDS = [f'{name}-{"-".join(map(str, settings.values()))}' for name, settings in CASES]
# The others take any number of coordinates.
# Their joints have names of another kind.
NO_UNION = ('uiprmd_kinect', 'uiprmd_vicon')
DIMS = {'NormalizePose2D': 2, 'NormalizePose3D': 3, 'ProjectPose': 3}


@pytest.fixture
def item(random_results):
    """Two persons, seven frames; one frame, one person's last frames and one joint are gone."""

    def make(layout, channels, test_mode):
        results = random_results(
            layout, channels=channels, test_mode=test_mode, img_shape=(240, 320)
        )
        missing = np.zeros(results['keypoint_score'].shape, bool)
        missing[:, 2] = missing[1, 5:] = missing[0, 3, 1] = missing[:, :, -1] = True
        results['keypoint'][missing] = results['keypoint_score'][missing] = 0
        return results

    return make


def test_every_transform_is_tried_and_registered():
    classes = {name for name in transforms.__all__ if inspect.isclass(getattr(transforms, name))}
    # One needs a file, and one is the base of others.
    assert classes == set(SETTINGS) | {'VisibilityMasks', 'Degradation'}
    classes.remove('Degradation')
    assert all(TRANSFORMS.get(name) is getattr(transforms, name) for name in classes)


@pytest.mark.parametrize('test_mode', [False, True], ids=['train', 'test'])
@pytest.mark.parametrize(('name', 'settings'), CASES, ids=CASE_IDS)
@pytest.mark.parametrize('layout', layout_names())
def test_layout_goes_through(layout, name, settings, test_mode, item, generator_state):
    transform = TRANSFORMS.build({'type': name, **settings})
    for channels in (2, 3):
        if DIMS.get(name, channels) != channels:
            continue
        results = item(layout, channels, test_mode)
        before = {key: results[key].copy() for key in ('keypoint', 'keypoint_score')}
        state = generator_state()
        if name == 'PackSkeletonInputs':
            assert np.array_equal(transform(results)['inputs'], before['keypoint'])
            continue
        if name == 'MapToUnion' and layout in NO_UNION:
            with pytest.raises(ValueError, match=f'{layout}. has no left_shoulder, right_shoulder'):
                transform(results)
            continue
        results = transform(results)
        assert results['keypoint'].dtype == results['keypoint_score'].dtype == np.float32
        assert np.isfinite(results['keypoint']).all() and results['keypoint'].any()
        assert results['keypoint'].shape[:3] == results['keypoint_score'].shape
        assert results['keypoint'].shape[2] == results['layout'].num_joints
        guesses = name == 'MapToUnion' or name.startswith('FillMissing')
        if not guesses and not settings.get('with_score'):
            missing = results['keypoint_score'] == 0
            assert missing.any() and not results['keypoint'][missing].any()
        if test_mode:
            assert generator_state() == state
            if isinstance(transform, Augmentation):
                np.testing.assert_array_equal(results['keypoint'], before['keypoint'])


@pytest.mark.parametrize('layout', layout_names())
@pytest.mark.parametrize('channels', [2, 3])
def test_whole_pipeline(layout, channels, item):
    names = ['FillMissingFrames', f'NormalizePose{channels}D', 'FlipSkeleton', 'RotateSkeleton']
    steps = [TRANSFORMS.build({'type': name}) for name in [*names, 'ScaleSkeleton']]
    ends = ['JointOcclusion', 'SkeletonStreams', 'UniformSampleSkeleton', 'PackSkeletonInputs']
    steps += [TRANSFORMS.build({'type': name, **SETTINGS[name][0]}) for name in ends]
    results = item(layout, channels, test_mode=False)
    for step in steps:
        results = step(results)
    inputs = results['inputs']
    channels = len(transforms.STREAMS) * channels + 1
    assert inputs.shape == (2, 5, get_layout(layout).num_joints, channels)
    assert inputs.isfinite().all() and inputs.any()


@pytest.mark.parametrize('name', sorted(set(SETTINGS) - {'PackSkeletonInputs'}))
def test_coordinates_come_before_streams(name, item):
    results = TRANSFORMS.build({'type': 'SkeletonStreams'})(item('coco', 2, False))
    transform = TRANSFORMS.build({'type': name, **SETTINGS[name][0]})
    if name in ('TruncateFrames', 'UniformSampleSkeleton'):
        assert transform(results)['total_frames'] == 5
        return
    with pytest.raises(ValueError, match=rf'put {name} before SkeletonStreams.*'):
        transform(results)


@pytest.mark.parametrize(('name', 'settings'), CASES, ids=CASE_IDS)
def test_repr_names_the_settings(name, settings):
    text = repr(TRANSFORMS.build({'type': name, **settings}))
    assert text.startswith(f'{name}(') and all(f'{key}=' in text for key in settings)
