# The homogeneous teacher: COCO-17 in 2D from 320x240 depth video.
_base_ = [
    '_base_/datasets/utdmhad.py',
    '_base_/models/stgcn_small.py',
    '_base_/schedules/sgd_one_cycle_60e_bf16.py',
    '_base_/default_runtime.py',
]

model = dict(layout='coco', cls_head=dict(num_classes=27))

clips = dict(ann_file={{_base_.coco17_240.ann_file}}, layout={{_base_.coco17_240.layout}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.train_pipeline_2d}}, **clips))
val_dataloader = dict(dataset=dict(pipeline={{_base_.test_pipeline_2d}}, **clips))
test_dataloader = val_dataloader
