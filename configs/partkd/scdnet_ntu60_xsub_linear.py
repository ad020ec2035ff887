# The linear probe of scdnet_ntu60_xsub_pretraining.py, as its authors have it: a linear classifier
# on both clues of an encoder that stays as it is.
_base_ = [
    '_base_/datasets/ntu60.py',
    '_base_/models/scdnet.py',
    '_base_/schedules/sgd_60e.py',
    '_base_/default_runtime.py',
]

load_from = 'work_dirs/scdnet_ntu60_xsub_pretraining/epoch_450.pth'
width, clip_len, epochs = _base_.model.encoder.neck.width, _base_.num_steps, 80

model = dict(
    _delete_=True,
    type='SkeletonRecognizer',
    layout='nturgb+d',
    backbone={{_base_.model.encoder.backbone}},
    neck={{_base_.model.encoder.neck}},
    cls_head=dict(type='SkeletonHead', num_classes=60, in_channels=2 * width),
    frozen_encoder=True,
)

pipeline = [
    dict(type='NormalizePose3D', align=True),
    dict(type='JointOcclusion', prob=0.0),
    dict(type='UniformSampleSkeleton', clip_len=clip_len),
    dict(type='SkeletonStreams'),
    dict(type='PackSkeletonInputs'),
]
clips = dict(pipeline=pipeline, **_base_.kinect25)
train_dataloader = dict(
    _delete_=True,
    batch_size=1024,
    num_workers=2,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='PairedPoseDataset',
        split='xsub_train',
        num_classes=60,
        cache=_base_.cache,
        **clips,
    ),
)
val_dataloader = dict(dataset=clips)
test_dataloader = val_dataloader

train_cfg = dict(max_epochs=epochs)
optim_wrapper = dict(optimizer=dict(lr=2.0, weight_decay=0.0))
param_scheduler = [dict(type='MultiStepLR', milestones=[50, 70], gamma=0.1, by_epoch=True)]
