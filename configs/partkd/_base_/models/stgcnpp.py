# ST-GCN++ (Duan et al., arXiv 2205.09443): a learned graph, and several time scales side by side.
_base_ = './stgcn.py'

model = dict(
    backbone=dict(
        num_stages=10,
        inflate_stages=[5, 8],
        down_stages=[5, 8],
        gcn_adaptive='init',
        gcn_with_res=True,
        tcn_type='mstcn',
        graph_cfg=dict(mode='spatial'),
    )
)
