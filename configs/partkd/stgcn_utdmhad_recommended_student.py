# The recommended student, without a teacher: COCO-17 in 2D from 160x120 depth video.
_base_ = [
    '_base_/datasets/utdmhad_three_streams.py',
    '_base_/models/stgcn_segments.py',
    '_base_/schedules/sgd_one_cycle_120e_bf16.py',
    '_base_/default_runtime_short_epochs.py',
]

# With 16 channels, as the teachers have, plain training and distillation are some points worse.
width = 32

model = dict(
    layout='coco',
    backbone=dict(in_channels=6, base_channels=width),
    cls_head=dict(in_channels=4 * 5 * 4 * width, num_classes=27, label_smooth_eps=0.1),
)

clips = dict(ann_file={{_base_.coco17_120.ann_file}}, layout={{_base_.coco17_120.layout}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.train_pipeline_2d}}, **clips))
val_dataloader = dict(dataset=dict(pipeline={{_base_.test_pipeline_2d}}, **clips))
test_dataloader = val_dataloader
