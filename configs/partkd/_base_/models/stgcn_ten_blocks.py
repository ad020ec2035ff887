# ST-GCN in the depth of its own paper and of its successors, on their graph.
_base_ = './stgcn.py'

model = dict(
    backbone=dict(
        num_stages=10,
        inflate_stages=[5, 8],
        down_stages=[5, 8],
        graph_cfg=dict(mode='spatial'),
    )
)
