# Poses of a folder of videos, docs/videos.md: the teacher, on those of the better estimator.
_base_ = [
    '_base_/datasets/paired_pose.py',
    '_base_/models/stgcn_segments.py',
    '_base_/schedules/sgd_one_cycle_60e.py',
    '_base_/default_runtime.py',
]

num_classes = 20

pipeline = [
    dict(type='FillMissingFrames'),
    dict(type='NormalizePose2D', mode='body'),
    dict(type='JointOcclusion', prob=0.0),
    dict(type='UniformSampleSkeleton', clip_len=32),
    dict(type='SkeletonStreams', streams=['joint', 'bone', 'joint_motion']),
    dict(type='PackSkeletonInputs'),
]
augmented = [
    *pipeline[:2],
    dict(type='RotateSkeleton', max_degrees=10),
    dict(type='ScaleSkeleton', max_change=0.1),
    *pipeline[2:],
]
model = dict(
    layout='blazepose',
    backbone=dict(in_channels=6),
    cls_head=dict(num_classes=num_classes, label_smooth_eps=0.1),
)
clips = dict(ann_file='data/videos/high.pkl', layout='blazepose', num_classes=num_classes)
train_dataloader = dict(batch_size=16, drop_last=True, dataset=dict(pipeline=augmented, **clips))
val_dataloader = dict(dataset=dict(pipeline=pipeline, **clips))
test_dataloader = val_dataloader
