# The control: the same form under a teacher that saw no more joints than the student.
_base_ = './stgcn_pennaction_visible.py'

work = 'work_dirs/stgcn_pennaction_visible_control/'
teacher = dict(
    config='{{ fileDirname }}/stgcn_pennaction_visible_student.py',
    checkpoint=f'{work}teacher/epoch_60.pth',
)
model = dict(teacher=dict(folder=work + 'teacher_files', teacher=teacher))
distill = dict(_delete_=True)  # no recipe of its own
