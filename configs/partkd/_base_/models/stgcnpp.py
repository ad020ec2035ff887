# ST-GCN++ (Duan et al., arXiv 2205.09443): a learned graph, and several time scales side by side.
_base_ = './stgcn_ten_blocks.py'

model = dict(backbone=dict(gcn_adaptive='init', gcn_with_res=True, tcn_type='mstcn'))
