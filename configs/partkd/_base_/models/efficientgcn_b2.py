# EfficientGCN-B2: wider and deeper.
_base_ = './efficientgcn_b0.py'

model = dict(
    backbone=dict(branch_channels=(64, 32), main_channels=(96, 192), depths=(1, 1, 2, 2)),
    cls_head=dict(in_channels=192),
)
