# The recommended teacher: Kinect v1, 20 joints in 3D.
_base_ = [
    '_base_/datasets/utdmhad_three_streams.py',
    '_base_/models/stgcn_segments.py',
    '_base_/schedules/sgd_one_cycle_120e_bf16.py',
    '_base_/default_runtime_short_epochs.py',
]

model = dict(
    layout='kinect_v1',
    backbone=dict(in_channels=9),
    cls_head=dict(num_classes=27, label_smooth_eps=0.1),
)

clips = dict(ann_file={{_base_.kinect20.ann_file}}, layout={{_base_.kinect20.layout}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.train_pipeline_3d}}, **clips))
val_dataloader = dict(dataset=dict(pipeline={{_base_.test_pipeline_3d}}, **clips))
test_dataloader = val_dataloader
