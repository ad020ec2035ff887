# NW-UCLA: Kinect v1 in 3D (20 joints).
_base_ = [
    '_base_/datasets/nw_ucla.py',
    '_base_/models/stgcn.py',
    '_base_/schedules/sgd_60e.py',
    '_base_/default_runtime.py',
]

model = dict(layout='kinect_v1', cls_head=dict(num_classes=10))

clips = dict(ann_file={{_base_.kinect20.ann_file}}, layout={{_base_.kinect20.layout}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.pipeline_3d}}, **clips))
val_dataloader = dict(dataset=dict(pipeline={{_base_.pipeline_3d}}, **clips))
test_dataloader = val_dataloader
