# For five blocks on a few hundred clips, which twice the epochs still make better.
_base_ = './sgd_one_cycle_60e_bf16.py'

train_cfg = dict(max_epochs=120, val_interval=120)
param_scheduler = [
    dict(
        type='OneCycleLR',
        eta_max=0.1,
        total_steps=120,
        pct_start=0.3,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
