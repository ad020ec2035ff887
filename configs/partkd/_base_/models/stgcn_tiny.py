# Four blocks of a quarter of the width: trains in half a minute on one core, for the demo.
_base_ = './stgcn_small.py'

model = dict(backbone=dict(num_stages=4, inflate_stages=[2, 3], down_stages=[2, 3]))
