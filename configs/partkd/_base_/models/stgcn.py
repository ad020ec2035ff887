# ST-GCN of nine blocks (method paper, Sec. 3.2), with the widths and strides of its own paper.
model = dict(
    type='SkeletonRecognizer',
    layout='coco',
    backbone=dict(
        type='STGCN',
        in_channels=3,
        base_channels=64,
        num_stages=9,
        inflate_stages=[4, 7],
        down_stages=[4, 7],
        graph_cfg=dict(mode='stgcn_spatial'),
    ),
    neck=dict(type='PartPooling', trunk='ignore', joint_reduce='mean'),
    cls_head=dict(type='SkeletonHead', num_classes=60, in_channels=256),
    data_preprocessor=dict(type='SkeletonDataPreprocessor', padding='batch'),
)
