# None of UTD-MHAD's training clips has a label: those of the source alone are learned from.
_base_ = './gcgrl_msraction3d_to_utdmhad.py'

train_dataloader = dict(dataset=dict(labelled=0.0))
