# The method paper's schedule (Sec. 4.3).
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=60, val_begin=1, val_interval=5)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')

optim_wrapper = dict(
    type='OptimWrapper', optimizer=dict(type='SGD', lr=0.1, momentum=0.9, weight_decay=1e-4)
)
param_scheduler = [dict(type='MultiStepLR', milestones=[30, 40, 50], gamma=0.1, by_epoch=True)]
auto_scale_lr = dict(enable=False, base_batch_size=64)
