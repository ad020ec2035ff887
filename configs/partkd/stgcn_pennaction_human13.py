# Penn Action: 13 joints by hand, the heterogeneous teacher.
_base_ = [
    '_base_/datasets/pennaction.py',
    '_base_/models/stgcn.py',
    '_base_/schedules/sgd_60e.py',
    '_base_/default_runtime.py',
]

model = dict(layout='penn_action', cls_head=dict(num_classes=15))

clips = dict(ann_file={{_base_.human13.ann_file}}, layout={{_base_.human13.layout}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.pipeline_2d}}, **clips))
val_dataloader = dict(dataset=dict(pipeline={{_base_.pipeline_2d}}, **clips))
test_dataloader = val_dataloader
