# Js-AGCN, a stream of 2s-AGCN (Shi et al., arXiv 1805.07694): joints that move alike are linked.
_base_ = './stgcn_ten_blocks.py'

model = dict(backbone=dict(type='MaskedAGCN'))
