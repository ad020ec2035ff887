# PR-GCN (Li et al., arXiv 2010.07367): joints are moved before they are read. It makes motion of
# joints itself, so it takes these alone, with the scores of 2D behind them.
_base_ = './stgcn_ten_blocks.py'

model = dict(
    backbone=dict(_delete_=True, type='MaskedPRGCN', in_channels=3),
    cls_head=dict(in_channels=256),
)
