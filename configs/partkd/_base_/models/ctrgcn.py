# CTR-GCN (Chen et al., arXiv 2107.12213): a graph for every clip and channel.
_base_ = './stgcn.py'

model = dict(
    backbone=dict(
        type='MaskedCTRGCN',
        num_stages=10,
        inflate_stages=[5, 8],
        down_stages=[5, 8],
        graph_cfg=dict(mode='spatial'),
    )
)
