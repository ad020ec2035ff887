# EfficientGCN-B0 (Song et al., arXiv 2106.15125) with the temporal layer SG; temporal='sep' is the
# other one that was published. Its input is six streams in 3D, two for each of three branches:
# docs/extending.md has their names.
_base_ = './stgcn_ten_blocks.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='MaskedEfficientGCN',
        in_channels=18,
        branch_channels=(48, 32),
        main_channels=(64, 128),
        depths=(0, 0, 1, 1),
        temporal='sg',
    ),
    cls_head=dict(in_channels=128, dropout=0.25),
)
