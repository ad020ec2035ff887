"""Config of a model that is trained in seconds."""

default_scope = 'mmpose'
size = (96, 128)
codec = dict(type='MSRAHeatmap', input_size=size, heatmap_size=(24, 32), sigma=1.5, unbiased=True)
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor', mean=[127.5] * 3, std=[127.5] * 3, bgr_to_rgb=True
    ),
    backbone=dict(type='ResNet', depth=18, stem_channels=16, base_channels=16),
    head=dict(
        type='HeatmapHead',
        in_channels=128,
        out_channels=17,
        deconv_out_channels=(64, 64, 64),
        deconv_kernel_sizes=(4, 4, 4),
        loss=dict(type='KeypointMSELoss', use_target_weight=True),
        decoder=codec,
    ),
    test_cfg=dict(flip_test=False),
)
see = [
    dict(type='LoadImage'),
    dict(type='GetBBoxCenterScale'),
    dict(type='TopdownAffine', input_size=size),
]
train_dataloader = dict(
    dataset=dict(
        type='CocoDataset',
        pipeline=[
            *see,
            dict(type='GenerateTarget', encoder=codec),
            dict(type='PackPoseInputs'),
        ],
    )
)
test_dataloader = dict(
    dataset=dict(type='CocoDataset', pipeline=[*see, dict(type='PackPoseInputs')])
)
