# SCD-Net as its authors have it (arXiv 2309.05834), without labels: Kinect v2 in 3D of NTU60's
# cross-subject training people. They train for 451 epochs.
_base_ = [
    '_base_/datasets/ntu60.py',
    '_base_/datasets/two_views.py',
    '_base_/models/scdnet.py',
    '_base_/schedules/sgd_60e.py',
    '_base_/default_runtime.py',
]

clip_len, epochs = _base_.num_steps, 450

normalisation = [dict(type='NormalizePose3D', align=True)]
ends = [dict(type='SkeletonStreams'), dict(type='PackSkeletonInputs')]
train_pipeline = [
    *normalisation,
    dict(type='RotateSkeleton', max_degrees=30, axes=('x', 'y', 'z')),
    dict(type='ShearSkeleton'),
    dict(type='FlipSkeleton'),
    dict(type='JointOcclusion', prob=0.0),
    dict(type='UniformSampleSkeleton', clip_len=clip_len, least=0.5),
    *_base_.clue_masks,
    *ends,
]

clips = dict(
    type='PairedPoseDataset',
    split='xsub_train',
    pipeline=train_pipeline,
    require_labels=False,
    cache=_base_.cache,
    **_base_.kinect25,
)
train_dataloader = dict(
    _delete_=True,
    batch_size=64,
    num_workers=2,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='TwoViewsDataset', datasets=[clips]),
)
val_cfg = val_dataloader = val_evaluator = None
test_cfg = test_dataloader = test_evaluator = None

train_cfg = dict(max_epochs=epochs, val_interval=epochs)
optim_wrapper = dict(optimizer=dict(lr=0.01))
param_scheduler = [dict(type='MultiStepLR', milestones=[350], gamma=0.1, by_epoch=True)]
