# A tenth of UTD-MHAD's training clips have labels.
_base_ = './gcgrl_msraction3d_to_utdmhad.py'

train_dataloader = dict(dataset=dict(labelled=0.1))
