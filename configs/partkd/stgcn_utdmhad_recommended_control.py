# The control: the recommended form under a teacher that saw no better skeletons than the student.
_base_ = './stgcn_utdmhad_recommended.py'

work = 'work_dirs/stgcn_utdmhad_recommended_control/'
teacher = dict(
    config='{{ fileDirname }}/stgcn_utdmhad_recommended_student.py',
    checkpoint=[f'{work}teacher_{number}/epoch_120.pth' for number in range(5)],
)
model = dict(
    teacher=dict(folder=work + 'teacher_files', teacher=teacher),
)
distill = dict(_delete_=True)  # no recipe of its own
