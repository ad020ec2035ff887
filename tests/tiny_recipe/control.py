# The form of the recipe under a teacher of low quality.
_base_ = './tiny.py'

model = dict(teacher=dict(teacher=dict(config='{{ fileDirname }}/teacher_low.py')))
