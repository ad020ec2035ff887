# Five blocks of 16 to 64 channels in the place of ten of 64 to 256.
_base_ = '../../../_base_/models/stgcn_ten_blocks.py'

model = dict(
    backbone=dict(base_channels=16, num_stages=5, inflate_stages=[3, 5], down_stages=[3, 5]),
    cls_head=dict(in_channels=64),
)
