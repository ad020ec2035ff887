_base_ = './narrow.py'

model = dict(backbone=dict(type='MaskedAGCN'))
