# Nine blocks of a quarter of the width: small data sets, and trainings on a CPU.
_base_ = './stgcn.py'

model = dict(
    backbone=dict(base_channels=16),
    cls_head=dict(in_channels=64),
)
