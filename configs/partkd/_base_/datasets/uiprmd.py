# UI-PRMD: 10 rehabilitation exercises, Vicon's 39 markers and a Kinect's 22 joints in 3D.
# A pair is the same repetition but not the same frames: the two differ in length and start.
data_root = 'data/uiprmd/'
cache = dict(folder='work_dirs/cache')
num_classes = 10
clip_len = 32

vicon39 = dict(ann_file=data_root + 'vicon39_3d.pkl', layout='uiprmd_vicon')
kinect22 = dict(ann_file=data_root + 'kinect22_3d.pkl', layout='uiprmd_kinect')

# Millimetres with z up and centimetres with y up become torsos in the body's own axes.
normalisation = [dict(type='NormalizePose3D', align=True, scale=True)]
augmentation = [
    dict(type='RotateSkeleton', max_degrees=15, axes=['z']),
    dict(type='ScaleSkeleton', max_change=0.1),
]
sampling = [
    dict(type='JointOcclusion', prob=0.0),
    dict(type='UniformSampleSkeleton', clip_len=clip_len),
    dict(type='SkeletonStreams', streams=['joint', 'bone', 'joint_motion']),
    dict(type='PackSkeletonInputs'),
]
test_pipeline = normalisation + sampling
train_pipeline = normalisation + augmentation + sampling

train_dataloader = dict(
    batch_size=16,
    num_workers=0,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='PairedPoseDataset',
        split='xsub_train',
        num_classes=num_classes,
        cache=cache,
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='PairedPoseDataset',
        split='xsub_val',
        num_classes=num_classes,
        cache=cache,
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = [dict(type='AccMetric', metric_list=('top_k_accuracy', 'mean_class_accuracy'))]
test_evaluator = val_evaluator
