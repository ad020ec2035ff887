# The method paper's input: all frames, of which the first 300 count; no augmentation.
_base_ = './paired_pose.py'

pipeline_3d = [
    dict(type='NormalizePose3D', align=True),
    dict(type='JointOcclusion', prob=0.0),
    dict(type='SkeletonStreams', streams=['joint']),
    dict(type='TruncateFrames', max_frames=300),
    dict(type='PackSkeletonInputs'),
]
pipeline_2d = [
    dict(type='NormalizePose2D', mode='image'),
    dict(type='JointOcclusion', prob=0.0),
    dict(type='SkeletonStreams', streams=['joint'], with_score=True),
    dict(type='TruncateFrames', max_frames=300),
    dict(type='PackSkeletonInputs'),
]

train_dataloader = dict(
    # Clips differ in length: more than half of a random batch of 64 would be padding.
    batch_sampler=dict(type='LengthGroupedBatchSampler'),
    dataset=dict(on_bad_clip='skip'),
)
