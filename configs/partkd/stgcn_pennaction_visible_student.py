# Penn Action, the student: 13 joints by hand, those that can be seen.
_base_ = [
    '_base_/datasets/pennaction_visible.py',
    '_base_/models/stgcn_segments.py',
    '_base_/schedules/sgd_one_cycle_60e_bf16.py',
    '_base_/default_runtime_short_epochs.py',
]

model = dict(
    layout='penn_action',
    backbone=dict(in_channels=6),
    cls_head=dict(num_classes=15, label_smooth_eps=0.1),
)

clips = dict(ann_file={{_base_.visible13.ann_file}}, layout={{_base_.visible13.layout}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.train_pipeline_2d}}, **clips))
val_dataloader = dict(dataset=dict(pipeline={{_base_.test_pipeline_2d}}, **clips))
test_dataloader = val_dataloader
