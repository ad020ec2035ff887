# A bound: the student on the same estimator's output from twice the resolution.
_base_ = './stgcn_utdmhad_recommended_student.py'

clips = dict(ann_file={{_base_.coco17_240.ann_file}})
train_dataloader = dict(dataset=clips)
val_dataloader = dict(dataset=clips)
test_dataloader = val_dataloader
