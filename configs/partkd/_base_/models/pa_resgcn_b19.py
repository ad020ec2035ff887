# PA-ResGCN-B19 (Song et al., arXiv 2010.09978). Its input is that of EfficientGCN.
_base_ = './stgcn_ten_blocks.py'

model = dict(
    backbone=dict(_delete_=True, type='MaskedPAResGCN', in_channels=18),
    cls_head=dict(in_channels=256),
)
