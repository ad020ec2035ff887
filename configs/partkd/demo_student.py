# The demo's plain student: COCO-17 in 2D as a poor estimator would see it.
_base_ = [
    '_base_/datasets/demo.py',
    '_base_/models/stgcn_tiny.py',
    '_base_/schedules/sgd_one_cycle_24e.py',
    '_base_/default_runtime.py',
]

model = dict(layout='coco', cls_head=dict(num_classes=12, label_smooth_eps=0.1))

clips = dict(ann_file={{_base_.coco17.ann_file}}, layout={{_base_.coco17.layout}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.train_pipeline_2d}}, **clips))
val_dataloader = dict(dataset=dict(pipeline={{_base_.test_pipeline_2d}}, **clips))
test_dataloader = val_dataloader
