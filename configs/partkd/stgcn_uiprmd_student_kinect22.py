# The plain student: Kinect, 22 joints in 3D.
_base_ = [
    '_base_/datasets/uiprmd.py',
    '_base_/models/stgcn_segments.py',
    '_base_/schedules/sgd_one_cycle_24e.py',
    '_base_/default_runtime.py',
]

model = dict(
    layout='uiprmd_kinect',
    backbone=dict(in_channels=9),
    cls_head=dict(num_classes=10, label_smooth_eps=0.1),
)

clips = dict(ann_file={{_base_.kinect22.ann_file}}, layout={{_base_.kinect22.layout}})
train_dataloader = dict(dataset=clips)
val_dataloader = dict(dataset=clips)
test_dataloader = val_dataloader
