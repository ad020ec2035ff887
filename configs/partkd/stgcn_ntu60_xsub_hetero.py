# NTU60 cross-subject, heterogeneous pair, in the method paper's form (alpha is not given there).
_base_ = './stgcn_ntu60_xsub_student_coco17.py'

work = 'work_dirs/stgcn_ntu60_xsub_hetero/'
teacher = dict(
    type='FrozenTeacher',
    config='{{ fileDirname }}/stgcn_ntu60_xsub_teacher_kinect25.py',
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
    title='NTU60 cross-subject, Kinect v2 in 3D teaches COCO-17 in 2D',
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
    # Method paper, Table 1: teacher, student without and with distillation.
    paper={
        'OP 0': (84.56, 79.98, 83.31),
        'OP .3': (84.56, 76.3, 81.76),
        'OP .6': (84.56, 73.25, 79.41),
    },
)
