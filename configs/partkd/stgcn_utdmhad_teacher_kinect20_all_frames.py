# Every real frame of a clip and nothing else, where its base samples 48 frames. With
# `--cfg-options model.data_preprocessor.padding=fixed` 2 persons and 300 frames, as mmaction2 pads.
_base_ = './stgcn_utdmhad_teacher_kinect20.py'

formatting = [
    dict(type='JointOcclusion', prob=0.0),
    dict(type='SkeletonStreams', streams=['joint']),
    dict(type='PackSkeletonInputs'),
]
test_pipeline_3d = _base_.normalisation_3d + formatting
train_pipeline_3d = _base_.normalisation_3d + _base_.augmentation_3d + formatting
batch_sampler = dict(type='LengthGroupedBatchSampler', window=8, drop_last=True)

train_dataloader = dict(
    drop_last=False,
    batch_sampler=batch_sampler,
    dataset=dict(pipeline=train_pipeline_3d),
)
val_dataloader = dict(dataset=dict(pipeline=test_pipeline_3d))
test_dataloader = val_dataloader
