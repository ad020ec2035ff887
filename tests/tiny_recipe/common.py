custom_imports = dict(imports=['partkd'], allow_failed_imports=False)
default_scope = 'mmaction'
runner_type = 'CheckedRunner'
data_root = '{{ fileDirname }}/'

ends = [
    dict(type='JointOcclusion', prob=0.0),
    dict(type='SkeletonStreams', streams=['joint']),
    dict(type='UniformSampleSkeleton', clip_len=8),
    dict(type='PackSkeletonInputs'),
]
rotation = [dict(type='RotateSkeleton', max_degrees=15)]
train_high = [dict(type='NormalizePose3D'), *rotation, *ends]
test_high = [dict(type='NormalizePose3D'), *ends]
train_low = [dict(type='NormalizePose2D', mode='body'), *rotation, *ends]
test_low = [dict(type='NormalizePose2D', mode='body'), *ends]

model = dict(
    type='SkeletonRecognizer',
    layout='coco',
    backbone=dict(
        type='STGCN',
        in_channels=2,
        base_channels=4,
        num_stages=2,
        inflate_stages=[],
        down_stages=[2],
    ),
    cls_head=dict(type='SkeletonHead', num_classes=2, in_channels=4, dropout=0.2),
)
train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='PairedPoseDataset',
        data_root=data_root,
        ann_file='low.pkl',
        layout='coco',
        split='train',
        pipeline=train_low,
    ),
)
val_dataloader = dict(
    batch_size=4,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='PairedPoseDataset',
        data_root=data_root,
        ann_file='low.pkl',
        layout='coco',
        split='val',
        pipeline=test_low,
        test_mode=True,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(type='AccMetric', metric_list=('top_k_accuracy', 'mean_class_accuracy'))
test_evaluator = val_evaluator

train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=3, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.01, momentum=0.9))
param_scheduler = [dict(type='OneCycleLR', eta_max=0.1, by_epoch=True, convert_to_iter_based=True)]
auto_scale_lr = dict(enable=False, base_batch_size=8)
default_hooks = dict(
    runtime_info=dict(type='RuntimeInfoHook'),
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=1),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(type='AtomicCheckpointHook', interval=1, max_keep_ckpts=1),
    sampler_seed=dict(type='DistSamplerSeedHook'),
)
custom_hooks = [dict(type='EpochSeedHook')]
randomness = dict(seed=0)
visualizer = dict(type='ActionVisualizer', vis_backends=[dict(type='LocalVisBackend')])
