# NTU60 cross-view: Kinect v2 in 3D (25 joints), the heterogeneous teacher.
_base_ = './stgcn_ntu60_xsub_teacher_kinect25.py'

train_dataloader = dict(dataset=dict(split='xview_train'))
val_dataloader = dict(dataset=dict(split='xview_val'))
test_dataloader = val_dataloader
