# NTU60 cross-view: COCO-17 in 2D of the better estimator, the homogeneous teacher.
_base_ = './stgcn_ntu60_xsub_teacher_coco17.py'

train_dataloader = dict(dataset=dict(split='xview_train'))
val_dataloader = dict(dataset=dict(split='xview_val'))
test_dataloader = val_dataloader
