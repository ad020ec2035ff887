# SCD-Net's contrast on the student's own network, without labels: the poor estimators' clips of
# UTD-MHAD's and of MSR Action3D's training people.
_base_ = [
    './stgcn_utdmhad_rivals_student.py',
    '_base_/datasets/msraction3d.py',
    '_base_/datasets/two_views.py',
]

epochs = 120

model = dict(
    _delete_=True,
    type='ContrastivePretrainer',
    encoder=dict(
        type='SkeletonEncoder',
        layout='coco',
        backbone={{_base_.model.backbone}},
        # 8 frames are left of 32 behind two strides.
        neck=dict(type='CluePooling', in_channels=4 * _base_.width, width=256, num_steps=8),
        data_preprocessor={{_base_.model.data_preprocessor}},
    ),
    channels=128,
    queue_size=256,  # of about 550 clips
    momentum=0.99,
)

pipeline = [
    *_base_.normalisation_2d,
    *_base_.changes_2d,
    dict(type='UniformSampleSkeleton', clip_len=_base_.clip_len, least=0.5),
    *_base_.clue_masks,
    dict(type='SkeletonStreams', streams=_base_.streams),
    dict(type='PackSkeletonInputs'),
]
unlabelled = dict(
    type='PairedPoseDataset',
    layout='coco',
    split='xsub_train',
    pipeline=pipeline,
    require_labels=False,
    on_bad_clip='skip',
    cache=_base_.cache,
)
train_dataloader = dict(
    batch_size=64,
    dataset=dict(
        _delete_=True,
        type='TwoViewsDataset',
        datasets=[
            dict(unlabelled, ann_file=_base_.coco17_120.ann_file),
            dict(unlabelled, ann_file=_base_.msraction3d_coco17_112.ann_file),
        ],
    ),
)
val_cfg = val_dataloader = val_evaluator = None
test_cfg = test_dataloader = test_evaluator = None
train_cfg = dict(max_epochs=epochs, val_interval=epochs)
param_scheduler = [
    dict(
        type='OneCycleLR',
        eta_max=0.03,
        pct_start=0.3,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
