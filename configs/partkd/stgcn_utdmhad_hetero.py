# UTD-MHAD, heterogeneous pair: Kinect v1 in 3D (20 joints) teaches COCO-17 in 2D at 160x120.
_base_ = './stgcn_utdmhad_student_coco17_120.py'

work = 'work_dirs/stgcn_utdmhad_hetero/'
teacher = dict(
    type='FrozenTeacher',
    config='{{ fileDirname }}/stgcn_utdmhad_teacher_kinect20.py',
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
    title='UTD-MHAD, Kinect v1 in 3D (20 joints) teaches COCO-17 in 2D at 160x120',
    notes=[
        'All students learn from cross entropy with label smoothing .1, and from what their row '
        'names; teachers from plain cross entropy (Eq. 2). The paper does not give alpha.',
        'Trained on subjects 1, 3 and 5, tested on subject 7 alone.',
    ],
    seeds=[0, 1, 2],
    conditions={
        'OP 0': dict(prob=0.0),
        'OP .6, whole clips': dict(prob=0.6, scope='clip'),
    },
    students={
        'cross entropy + label smoothing': dict(losses=[]),
        'logit KL (T 4)': dict(losses=[dict(type='KLLoss', temperature=4.0)]),
        'global MSC (alpha 10)': dict(losses=[dict(type='GlobalMSCLoss', loss_weight=10.0)]),
        'PMSC (alpha 1, the paper)': dict(
            losses=[dict(type='PMSCLoss', part_matrix=part_matrix, loss_weight=1.0)]
        ),
        'PMSC (alpha 10)': None,
    },
)
