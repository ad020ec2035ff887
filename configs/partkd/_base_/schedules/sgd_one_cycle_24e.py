# Short, for the demo.
_base_ = './sgd_one_cycle_60e.py'

train_cfg = dict(max_epochs=24, val_interval=24)
param_scheduler = [
    dict(
        type='OneCycleLR',
        eta_max=0.1,
        total_steps=24,
        pct_start=0.3,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
