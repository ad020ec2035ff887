# CTR-GCN (Chen et al., arXiv 2107.12213): a graph for every clip and channel.
_base_ = './stgcn_ten_blocks.py'

model = dict(backbone=dict(type='MaskedCTRGCN'))
