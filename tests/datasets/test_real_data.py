"""UTD-MHAD and UI-PRMD: pairs of two layouts, of one layout, and of unequal lengths."""

import pytest
import torch

from partkd.datasets import PairedPoseDataset

AUGMENT = [{'type': 'RotateSkeleton'}, {'type': 'ScaleSkeleton'}]
OCCLUDE = {'type': 'JointOcclusion', 'prob': 0.3}
SAMPLE = [{'type': 'UniformSampleSkeleton', 'clip_len': 48}, {'type': 'PackSkeletonInputs'}]
IN_3D = [
    {'type': 'NormalizePose3D'},
    *AUGMENT,
    OCCLUDE,
    {'type': 'SkeletonStreams', 'streams': ['joint']},
    *SAMPLE,
]
IN_2D = [
    {'type': 'FillMissingFrames'},
    {'type': 'NormalizePose2D', 'mode': 'body'},
    *AUGMENT,
    OCCLUDE,
    {'type': 'SkeletonStreams', 'streams': ['joint'], 'with_score': True},
    *SAMPLE,
]
# Nobody was ever detected in these clips of the smaller video.
UNSEEN = {'a12_s3_t1', 'a12_s3_t3', 'a21_s3_t3', 'a26_s3_t3'}


@pytest.fixture
def utd(real_data):
    def build(size=240, teacher=None, **settings) -> PairedPoseDataset:
        folder = real_data / 'utdmhad'
        if teacher is not None:
            teacher = {**teacher, 'ann_file': str(folder / teacher['ann_file'])}
        return PairedPoseDataset(
            str(folder / f'blazepose_lite_{size}_coco17_2d.pkl'),
            **{'pipeline': IN_2D, 'num_classes': 27, 'teacher': teacher, **settings},
        )

    return build


KINECT = {'ann_file': 'kinect20_3d.pkl', 'layout': 'kinect_v1', 'pipeline': IN_3D}
BETTER = {'ann_file': 'blazepose_lite_240_coco17_2d.pkl', 'layout': 'coco', 'pipeline': IN_2D}


@pytest.mark.parametrize(('split', 'clips'), [('xsub_train', 323), ('xsub_val', 108), (None, 431)])
def test_utd_heterogeneous(split, clips, utd):
    dataset = utd(teacher=KINECT, split=split, load_teacher=True)
    assert len(dataset) == len(dataset.teacher) == clips
    assert dataset.frame_dirs == dataset.teacher.frame_dirs
    item = dataset[clips // 2]
    assert item['inputs'].shape == (1, 48, 17, 3)
    assert item['teacher_inputs'].shape == (1, 48, 20, 3)


def test_utd_homogeneous_with_solitary_clips(utd):
    dataset = utd(120, BETTER, split='xsub_train', on_bad_clip='skip', paired_fraction=0.7)
    assert set(dataset.skipped) == UNSEEN and len(dataset) == 319
    assert len(dataset.teacher) == 223
    assert sum(map(dataset.is_paired, dataset.frame_dirs)) == 223


def test_utd_clips_without_a_detection_are_an_error(utd):
    with pytest.raises(ValueError, match=r'4 of 323 clips .*\n  a12_s3_t1, .*: it has no persons'):
        utd(120, split='xsub_train')
    with pytest.raises(ValueError, match="keypoint has 17 joints, layout 'nturgb.d' has 25"):
        utd(layout='nturgb+d')


@pytest.mark.parametrize('size', [240, 120])
def test_utd_inputs_are_sane(size, utd):
    """Coordinates of the size of a body, in all clips; scores as they are; no NaN."""
    dataset = utd(size, KINECT, split='xsub_train', on_bad_clip='skip', load_teacher=True)
    items = list(dataset)
    low = torch.cat([item['inputs'] for item in items], 1)
    high = torch.cat([item['teacher_inputs'] for item in items], 1)
    assert low.isfinite().all() and high.isfinite().all()
    seen = low[..., 2] > 0
    assert 0.45 < seen.float().mean() < 0.7  # 0.3 occluded, some frames not detected
    assert 0.3 < low[..., :2][seen].std() < 1.5 and low[..., :2].abs().max() < 5
    assert 0.2 < high.std() < 1 and high.abs().max() < 2.5  # metres
    assert abs((high == 0).all(-1).float().mean() - 0.3) < 0.01


def test_utd_test_items_are_reproducible(utd, generator_state):
    one, other = (utd(split='xsub_val', test_mode=True) for _ in range(2))
    state = generator_state()
    forward = [one[i]['inputs'] for i in range(20)]
    backward = [other[i]['inputs'] for i in reversed(range(20))]
    assert all(map(torch.equal, forward, reversed(backward)))
    assert generator_state() == state
    train = utd(split='xsub_val')
    assert not torch.equal(train[0]['inputs'], train[0]['inputs'])


def test_uiprmd_pairs_differ_in_length_and_joints(real_data):
    pipeline = [
        {'type': 'NormalizePose3D', 'align': True, 'scale': True},
        {'type': 'SkeletonStreams', 'streams': ['joint', 'bone']},
        {'type': 'PackSkeletonInputs'},
    ]
    folder = real_data / 'uiprmd'
    dataset = PairedPoseDataset(
        str(folder / 'kinect22_3d.pkl'),
        pipeline,
        layout='uiprmd_kinect',
        split='xsub_train',
        num_classes=10,
        load_teacher=True,
        teacher={
            'ann_file': str(folder / 'vicon39_3d.pkl'),
            'layout': 'uiprmd_vicon',
            'pipeline': pipeline,
        },
    )
    assert len(dataset) == len(dataset.teacher) == 490
    lengths = []
    for index in range(0, 490, 7):
        item = dataset[index]
        assert item['inputs'].shape[2:] == (22, 6)
        assert item['teacher_inputs'].shape[2:] == (39, 6)
        assert item['inputs'].isfinite().all() and item['teacher_inputs'].isfinite().all()
        lengths.append((item['inputs'].shape[1], item['teacher_inputs'].shape[1]))
    assert any(low != high for low, high in lengths)
