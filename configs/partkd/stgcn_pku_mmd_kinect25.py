# PKU-MMD I: Kinect v2 in 3D (25 joints).
_base_ = [
    '_base_/datasets/pku_mmd.py',
    '_base_/models/stgcn.py',
    '_base_/schedules/sgd_60e.py',
    '_base_/default_runtime.py',
]

model = dict(layout='nturgb+d', cls_head=dict(num_classes=51))

clips = dict(ann_file={{_base_.kinect25.ann_file}}, layout={{_base_.kinect25.layout}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.pipeline_3d}}, **clips))
val_dataloader = dict(dataset=dict(pipeline={{_base_.pipeline_3d}}, **clips))
test_dataloader = val_dataloader
