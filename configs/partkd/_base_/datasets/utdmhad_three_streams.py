# UTD-MHAD as 32 frames of joints, bones and their motion. Not of the estimator's scores, which say
# as much of the person as of the action: with them a student is several points worse on other
# people (docs/experiments.md).
_base_ = './utdmhad.py'

clip_len = 32
streams = ['joint', 'bone', 'joint_motion']

sampling = [
    dict(type='JointOcclusion', prob=0.0),
    dict(type='UniformSampleSkeleton', clip_len=clip_len),
    dict(type='SkeletonStreams', streams=streams),
    dict(type='PackSkeletonInputs'),
]
augmentation_3d = [
    dict(type='RotateSkeleton', max_degrees=30),
    dict(type='ScaleSkeleton', max_change=0.1),
]

test_pipeline_3d = _base_.normalisation_3d + sampling
train_pipeline_3d = _base_.normalisation_3d + augmentation_3d + sampling
test_pipeline_2d = _base_.normalisation_2d + sampling
train_pipeline_2d = _base_.normalisation_2d + _base_.augmentation_2d + sampling

# The Kinect's joints without depth, for a bound.
projection = [dict(type='ProjectPose'), dict(type='NormalizePose2D', mode='body')]
test_pipeline_projected = projection + sampling
train_pipeline_projected = projection + _base_.augmentation_2d + sampling
