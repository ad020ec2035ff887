# The heterogeneous teacher: Kinect v1, 20 joints in 3D.
_base_ = [
    '_base_/datasets/utdmhad.py',
    '_base_/models/stgcn_small.py',
    '_base_/schedules/sgd_one_cycle_60e_bf16.py',
    '_base_/default_runtime.py',
]

model = dict(layout='kinect_v1', cls_head=dict(num_classes=27))

clips = dict(ann_file={{_base_.kinect20.ann_file}}, layout={{_base_.kinect20.layout}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.train_pipeline_3d}}, **clips))
val_dataloader = dict(dataset=dict(pipeline={{_base_.test_pipeline_3d}}, **clips))
test_dataloader = val_dataloader
