# The form of the recipe under a teacher of low quality.
_base_ = './tiny.py'

model = dict(teacher=dict(teacher=dict(config='{{ fileDirname }}/teacher_low.py')))
train_dataloader = dict(
    dataset=dict(teacher=dict(ann_file='low.pkl', layout='coco', pipeline={{_base_.test_low}}))
)
