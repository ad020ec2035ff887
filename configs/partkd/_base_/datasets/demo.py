# The demo's motions, made by `tools/data/make_synthetic.py data/demo` or by `make demo`.
_base_ = './paired_pose.py'

data_root = 'data/demo/'
num_classes = 12
clip_len = 24

kinect25 = dict(ann_file=data_root + 'kinect25_3d.pkl', layout='nturgb+d')
coco17 = dict(ann_file=data_root + 'coco17_2d.pkl', layout='coco')

normalisation_3d = [dict(type='NormalizePose3D', align=True, scale=True)]
normalisation_2d = [dict(type='FillMissingFrames'), dict(type='NormalizePose2D', mode='body')]
augmentation = [
    dict(type='RotateSkeleton', max_degrees=15, axes=['z']),
    dict(type='ScaleSkeleton', max_change=0.1),
]
sampling_3d = [
    dict(type='JointOcclusion', prob=0.0),
    dict(type='SkeletonStreams', streams=['joint']),
    dict(type='UniformSampleSkeleton', clip_len=clip_len),
    dict(type='PackSkeletonInputs'),
]
sampling_2d = [
    dict(type='JointOcclusion', prob=0.0),
    dict(type='SkeletonStreams', streams=['joint'], with_score=True),
    dict(type='UniformSampleSkeleton', clip_len=clip_len),
    dict(type='PackSkeletonInputs'),
]
train_pipeline_3d = normalisation_3d + augmentation + sampling_3d
test_pipeline_3d = normalisation_3d + sampling_3d
train_pipeline_2d = normalisation_2d + augmentation + sampling_2d
test_pipeline_2d = normalisation_2d + sampling_2d

train_dataloader = dict(
    batch_size=32,
    drop_last=True,
    dataset=dict(num_classes=num_classes, on_bad_clip='skip'),
)
val_dataloader = dict(dataset=dict(num_classes=num_classes))
test_dataloader = val_dataloader
