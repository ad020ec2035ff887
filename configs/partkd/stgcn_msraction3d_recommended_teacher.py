# The recommended teacher on MSR Action3D: as it was chosen on UTD-MHAD.
_base_ = ['./stgcn_utdmhad_recommended_teacher.py', '_base_/datasets/msraction3d.py']

model = dict(cls_head=dict(num_classes=20))

train_dataloader = dict(dataset={{_base_.msraction3d_kinect20}})
val_dataloader = dict(dataset={{_base_.msraction3d_kinect20}})
test_dataloader = val_dataloader
