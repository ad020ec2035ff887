# UI-PRMD: 10 rehabilitation exercises, Vicon's 39 markers and a Kinect's 22 joints in 3D.
# A pair is the same repetition but not the same frames: the two differ in length and start.
_base_ = './paired_pose.py'

data_root = 'data/uiprmd/'
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
    drop_last=True,
    dataset=dict(num_classes=num_classes, pipeline=train_pipeline),
)
val_dataloader = dict(dataset=dict(num_classes=num_classes, pipeline=test_pipeline))
test_dataloader = val_dataloader
