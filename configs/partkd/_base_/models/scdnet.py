# SCD-Net (arXiv 2309.05834): CTR-GCN cut down to three blocks of 64 channels, twice, one layer of a
# transformer for each clue, momentum contrast on three queues.
base_channels, num_steps = 64, 64

model = dict(
    type='ContrastivePretrainer',
    encoder=dict(
        type='SkeletonEncoder',
        layout='nturgb+d',
        backbone=dict(
            type='TwinNetwork',
            in_channels=3,
            backbone=dict(
                type='MaskedCTRGCN',
                base_channels=base_channels,
                num_stages=3,
                inflate_stages=[],
                down_stages=[],
            ),
            graph_cfg=dict(mode='spatial'),
        ),
        neck=dict(
            type='CluePooling',
            in_channels=2 * base_channels,
            width=2048,
            num_heads=8,
            units='joints',
            separate=True,
            num_steps=num_steps,
        ),
        data_preprocessor=dict(type='SkeletonDataPreprocessor', padding='batch'),
    ),
    channels=128,
    queue_size=8192,
    momentum=0.999,
    loss=dict(type='InfoNCELoss', temperature=0.2),
)
