import pytest

from partkd.datasets import PairedPoseDataset

# mmaction2's configs of ST-GCN on NTU60, in 3D and 2D.
PIPELINES = {
    '3D': [
        dict(type='PreNormalize3D'),
        dict(type='GenSkeFeat', dataset='nturgb+d', feats=['j']),
        dict(type='UniformSampleFrames', clip_len=100),
        dict(type='PoseDecode'),
        dict(type='FormatGCNInput', num_person=2),
        dict(type='PackActionInputs'),
    ],
    '2D': [
        dict(type='PreNormalize2D'),
        dict(type='Flip', flip_ratio=0.5),
        dict(type='JointToBone', dataset='coco'),
        dict(type='ToMotion', dataset='coco'),
        dict(type='MergeSkeFeat'),
        dict(type='PadTo', length=300),
        dict(type='PackSkeletonInputs'),
    ],
}
TAKE = {
    '3D': (
        'SkeletonStreams in the place of GenSkeFeat, '
        'UniformSampleSkeleton in the place of UniformSampleFrames, UniformSampleSkeleton in the '
        'place of PoseDecode, PackSkeletonInputs in the place of FormatGCNInput, '
        'PackSkeletonInputs in the place of PackActionInputs'
    ),
    '2D': (
        'FlipSkeleton in the place of Flip, SkeletonStreams in the place of JointToBone, '
        'SkeletonStreams in the place of ToMotion, '
        'SkeletonStreams in the place of MergeSkeFeat, UniformSampleSkeleton in the place of PadTo'
    ),
}


@pytest.mark.parametrize('dims', PIPELINES)
def test_what_takes_the_place_of_mmaction2s_transforms_is_named(dims, make_clip, write_annotations):
    path = write_annotations([make_clip()])
    with pytest.raises(ValueError, match=rf'the pipeline of .*low\.pkl .*: take {TAKE[dims]}$'):
        PairedPoseDataset(path, PIPELINES[dims], lazy_init=True)


def test_of_the_teacher_too(make_clip, write_annotations):
    teacher = dict(ann_file=write_annotations([make_clip()], name='high.pkl'))
    with pytest.raises(ValueError, match=r'the pipeline of .*high\.pkl .* of FormatGCNInput'):
        PairedPoseDataset(
            write_annotations([make_clip()]),
            [],
            teacher=dict(teacher, pipeline=[dict(type='FormatGCNInput')]),
        )


def test_scores_that_a_transform_left_behind_are_named(make_clip, write_annotations):
    """It takes empty frames out of the coordinates alone."""
    clip = make_clip(shape=(1, 4, 25, 3))
    clip['keypoint'][:, 1] = 0
    steps = [dict(type='PreNormalize3D'), dict(type='SkeletonStreams', streams=['joint'])]
    dataset = PairedPoseDataset(write_annotations([clip]), steps, layout='nturgb+d')
    message = (
        r'of clip clip has shape \(1, 4, 25\), and keypoint \(1, 3, 25, 3\), after a transform'
    )
    with pytest.raises(ValueError, match=message):
        dataset[0]
