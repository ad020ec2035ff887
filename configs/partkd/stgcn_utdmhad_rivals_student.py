# The recommended student, smaller, for tables of many rows.
_base_ = './stgcn_utdmhad_recommended_student.py'

width, epochs = 16, 60

model = dict(
    backbone=dict(base_channels=width),
    cls_head=dict(in_channels=4 * 5 * 4 * width),
)
train_cfg = dict(max_epochs=epochs, val_interval=epochs)
