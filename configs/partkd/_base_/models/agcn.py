# Js-AGCN, a stream of 2s-AGCN (Shi et al., arXiv 1805.07694): joints that move alike are linked.
_base_ = './stgcn.py'

model = dict(
    backbone=dict(
        type='MaskedAGCN',
        num_stages=10,
        inflate_stages=[5, 8],
        down_stages=[5, 8],
        graph_cfg=dict(mode='spatial'),
    )
)
