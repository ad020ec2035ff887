# Short, for the demo.
_base_ = './sgd_one_cycle_60e.py'

train_cfg = dict(max_epochs=24, val_interval=24)
