# The student's network, taught by nobody.
_base_ = './common.py'

model = dict(
    _delete_=True,
    type='ContrastivePretrainer',
    encoder=dict(
        type='SkeletonEncoder',
        layout='coco',
        backbone={{_base_.model.backbone}},
        neck=dict(type='CluePooling', in_channels=4, width=8, num_heads=2, num_steps=4),
    ),
    channels=4,
    queue_size=8,
    momentum=0.9,
)
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='TwoViewsDataset',
        datasets=[{{_base_.train_dataloader.dataset}}],
    )
)
val_cfg = val_dataloader = val_evaluator = None
test_cfg = test_dataloader = test_evaluator = None
