# The homogeneous teacher of stgcn_utdmhad_skd.py: COCO-17 at 320x240, the student's network.
_base_ = './stgcn_utdmhad_rivals_student.py'

clips = dict(ann_file={{_base_.coco17_240.ann_file}})
train_dataloader = dict(dataset=clips)
val_dataloader = dict(dataset=clips)
test_dataloader = val_dataloader
