# The demo's teacher: 25 Kinect joints in 3D.
_base_ = [
    '_base_/datasets/demo.py',
    '_base_/models/stgcn_tiny.py',
    '_base_/schedules/sgd_one_cycle_24e.py',
    '_base_/default_runtime.py',
]

model = dict(layout='nturgb+d', cls_head=dict(num_classes=12))

clips = dict(ann_file={{_base_.kinect25.ann_file}}, layout={{_base_.kinect25.layout}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.train_pipeline_3d}}, **clips))
val_dataloader = dict(dataset=dict(pipeline={{_base_.test_pipeline_3d}}, **clips))
test_dataloader = val_dataloader
