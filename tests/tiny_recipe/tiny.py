_base_ = './common.py'

work = '{{ fileDirname }}/work/'
teacher = dict(
    type='FrozenTeacher',
    config='{{ fileDirname }}/teacher.py',
    checkpoint=work + 'teacher/epoch_3.pth',
)
part_matrix = dict(type='PartMatrix', folder=work + 'teacher_files')
student = {{_base_.model}}
model = dict(
    _delete_=True,
    type='KDRecognizer',
    student=student,
    teacher=dict(type='FeatureBank', folder=work + 'teacher_files', teacher=teacher),
    losses=[dict(type='PMSCLoss', part_matrix=part_matrix, loss_weight=10.0)],
)

distill = dict(
    title='Tiny',
    seeds=[0],
    conditions={'OP 0': dict(prob=0.0), 'OP .6': dict(prob=0.6, scope='clip')},
    students={
        'cross entropy': dict(losses=[]),
        'PMSC': None,
    },
    paper={'OP 0': (84.56, 79.98, 83.31)},
)
