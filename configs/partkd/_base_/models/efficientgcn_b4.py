# EfficientGCN-B4: wider and deeper still.
_base_ = './efficientgcn_b0.py'

model = dict(
    backbone=dict(branch_channels=(96, 48), main_channels=(128, 272), depths=(2, 2, 3, 3)),
    cls_head=dict(in_channels=272),
)
