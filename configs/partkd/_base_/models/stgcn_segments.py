# Five blocks, and a head that keeps what mean pooling averages away: which part moved, and when.
_base_ = './stgcn.py'

num_segments, num_parts = 4, 5

model = dict(
    backbone=dict(base_channels=16, num_stages=5, inflate_stages=[3, 5], down_stages=[3, 5]),
    neck=dict(num_segments=num_segments),
    cls_head=dict(reads='segments', in_channels=num_segments * num_parts * 64, dropout=0.3),
)
