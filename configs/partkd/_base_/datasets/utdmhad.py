# UTD-MHAD: 27 actions, Kinect v1 in 3D, and COCO-17 in 2D by a pose estimator at two resolutions.
# Its actions tell left from right, so nothing is flipped. Last epoch: no choice on the test split.
_base_ = './paired_pose.py'

data_root = 'data/utdmhad/'
num_classes = 27
clip_len = 48

kinect20 = dict(ann_file=data_root + 'kinect20_3d.pkl', layout='kinect_v1')
coco17_240 = dict(ann_file=data_root + 'blazepose_lite_240_coco17_2d.pkl', layout='coco')
coco17_120 = dict(ann_file=data_root + 'blazepose_lite_120_coco17_2d.pkl', layout='coco')

sampling = [
    dict(type='JointOcclusion', prob=0.0),
    dict(type='SkeletonStreams', streams=['joint']),
    dict(type='UniformSampleSkeleton', clip_len=clip_len),
    dict(type='PackSkeletonInputs'),
]
sampling_with_score = [
    dict(type='JointOcclusion', prob=0.0),
    dict(type='SkeletonStreams', streams=['joint'], with_score=True),
    dict(type='UniformSampleSkeleton', clip_len=clip_len),
    dict(type='PackSkeletonInputs'),
]
augmentation_3d = [
    dict(type='RotateSkeleton', max_degrees=15),
    dict(type='ScaleSkeleton', max_change=0.1),
]
augmentation_2d = [
    dict(type='RotateSkeleton', max_degrees=10),
    dict(type='ScaleSkeleton', max_change=0.1),
]
normalisation_3d = [dict(type='NormalizePose3D')]
normalisation_2d = [dict(type='FillMissingFrames'), dict(type='NormalizePose2D', mode='body')]

test_pipeline_3d = normalisation_3d + sampling
train_pipeline_3d = normalisation_3d + augmentation_3d + sampling
test_pipeline_2d = normalisation_2d + sampling_with_score
train_pipeline_2d = normalisation_2d + augmentation_2d + sampling_with_score

train_dataloader = dict(
    # 320 clips make five batches of 64 an epoch: too few steps to learn in 60 epochs.
    batch_size=16,
    drop_last=True,
    # In four training clips the estimator found nobody in any frame; the log lists them.
    dataset=dict(num_classes=num_classes, on_bad_clip='skip'),
)
val_dataloader = dict(dataset=dict(num_classes=num_classes))
test_dataloader = val_dataloader
