# NTU60 cross-subject, homogeneous pair, in the method paper's form (alpha is not given there).
_base_ = './stgcn_ntu60_xsub_student_coco17_low.py'

work = 'work_dirs/stgcn_ntu60_xsub_homo/'
teacher = dict(
    type='FrozenTeacher',
    config='{{ fileDirname }}/stgcn_ntu60_xsub_teacher_coco17.py',
    checkpoint=work + 'teacher/epoch_60.pth',
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
    title='NTU60 cross-subject, COCO-17 of a better estimator teaches COCO-17 of a poorer one',
    seeds=[0, 1, 2],
    conditions={
        'OP 0': dict(prob=0.0),
        'OP .3': dict(prob=0.3),
        'OP .6': dict(prob=0.6),
    },
    students={
        'cross entropy': dict(losses=[]),
        'logit KL (T 4)': dict(losses=[dict(type='KLLoss', temperature=4.0)]),
        'PMSC (alpha 10)': None,
    },
    # Method paper, Table 2: teacher, student without and with distillation.
    paper={
        'OP 0': (84.65, 79.98, 82.5),
        'OP .3': (84.65, 76.3, 81.58),
        'OP .6': (84.65, 73.25, 80.09),
    },
)
