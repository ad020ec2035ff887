# For five blocks on a few hundred clips, which twice the epochs still make better.
_base_ = './sgd_one_cycle_60e_bf16.py'

train_cfg = dict(max_epochs=120, val_interval=120)
