# The student of stgcn_utdmhad_rivals_student.py on MSR Action3D.
_base_ = ['./stgcn_utdmhad_rivals_student.py', '_base_/datasets/msraction3d.py']

model = dict(cls_head=dict(num_classes=20))

train_dataloader = dict(dataset={{_base_.msraction3d_coco17_112}})
val_dataloader = dict(dataset={{_base_.msraction3d_coco17_112}})
test_dataloader = val_dataloader
