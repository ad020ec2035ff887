# For data sets of a few hundred clips: the paper's optimizer under a one-cycle learning rate, which
# ends where the training does.
_base_ = './sgd_60e.py'

train_cfg = dict(val_interval=60)
param_scheduler = [
    dict(
        type='OneCycleLR',
        eta_max=0.1,
        pct_start=0.3,
        by_epoch=True,
        convert_to_iter_based=True,
    )
]
