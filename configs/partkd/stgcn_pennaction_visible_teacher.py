# Penn Action, the teacher: all 13 joints by hand, the hidden ones as the annotators guessed them.
_base_ = './stgcn_pennaction_visible_student.py'

clips = dict(ann_file={{_base_.human13.ann_file}})
train_dataloader = dict(dataset=clips)
val_dataloader = dict(dataset=clips)
test_dataloader = val_dataloader
