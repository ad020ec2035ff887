# The control: taught by teachers that saw no better skeletons than the student.
_base_ = './stgcn_msraction3d_people.py'

work = 'work_dirs/stgcn_msraction3d_people_control/'
teacher = dict(
    config='{{ fileDirname }}/stgcn_msraction3d_small_student.py',
    checkpoint=[f'{work}teacher_{number}/epoch_60.pth' for number in range(3)],
)
model = dict(teacher=dict(folder=work + 'teacher_files', teacher=teacher))
distill = dict(_delete_=True)  # no recipe of its own
