_base_ = './narrow.py'

model = dict(backbone=dict(gcn_adaptive='init', gcn_with_res=True, tcn_type='mstcn'))
