# UTD-MHAD, PE-GCN (arXiv 2003.07514): one network reads COCO-17 at 320x240 and at 160x120, and
# learns to predict the former from the latter, which it is tested on.
_base_ = './stgcn_utdmhad_rivals_student.py'

model = dict(
    type='PredictiveRecognizer',
    neck=dict(num_segments=1),
    cls_head=dict(reads='pooled', in_channels=4 * _base_.width),
)

clean = dict(
    ann_file={{_base_.coco17_240.ann_file}},
    layout={{_base_.coco17_240.layout}},
    pipeline={{_base_.test_pipeline_2d}},
)
train_dataloader = dict(dataset=dict(teacher=clean, load_teacher=True))
