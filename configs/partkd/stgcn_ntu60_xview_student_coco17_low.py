# NTU60 cross-view: COCO-17 of the poorer estimator, the homogeneous student.
_base_ = './stgcn_ntu60_xsub_student_coco17_low.py'

train_dataloader = dict(dataset=dict(split='xview_train'))
val_dataloader = dict(dataset=dict(split='xview_val'))
test_dataloader = val_dataloader
