# The recommended form: part features keep time, and beside them the logits of five teachers are
# distilled.
# UTD-MHAD, Kinect v1 in 3D (20 joints) teaches COCO-17 in 2D at 160x120.
_base_ = './stgcn_utdmhad_recommended_student.py'

work = 'work_dirs/stgcn_utdmhad_recommended/'
teacher = dict(
    type='FrozenTeacher',
    config='{{ fileDirname }}/stgcn_utdmhad_recommended_teacher.py',
    checkpoint=[f'{work}teacher_{number}/epoch_120.pth' for number in range(5)],
)
kl = dict(type='KLLoss', temperature=4.0)
segments = dict(type='PMSCLoss', reads='segments', loss_weight=10.0)
student = {{_base_.model}}

model = dict(
    _delete_=True,
    type='KDRecognizer',
    student=student,
    teacher=dict(type='FeatureBank', folder=work + 'teacher_files', teacher=teacher),
    losses=[kl, segments],
    adapter=dict(type='PartAdapter'),
)

distill = dict(
    title='UTD-MHAD, the recommended form: Kinect v1 in 3D teaches COCO-17 in 2D at 160x120',
    notes=[
        'Teachers and students learn from cross entropy with label smoothing .1, students also '
        'from what their row names.',
        'The files have subjects 1, 3 and 5 for training and subject 7 for test.',
    ],
    seeds=[0, 1, 2, 3, 4],
    conditions={
        'OP 0': dict(prob=0.0),
        'OP .6, whole clips': dict(prob=0.6, scope='clip'),
        'parts .4, whole clips': dict(prob=0.4, scope='part'),
    },
    students={
        'cross entropy + label smoothing': dict(losses=[]),
        'logit KL (T 4)': dict(losses=[kl]),
        'global MSC (alpha 10)': dict(losses=[dict(type='GlobalMSCLoss', loss_weight=10.0)]),
        'PMSC (alpha 10)': dict(losses=[dict(type='PMSCLoss', loss_weight=10.0)]),
        'PMSC on segments (alpha 10)': dict(losses=[segments]),
        'KL + PMSC on segments': None,
        'control: taught by 2D at 160x120': dict(
            config='{{ fileDirname }}/stgcn_utdmhad_recommended_control.py'
        ),
        'bound: no teacher, 2D at 320x240': dict(
            config='{{ fileDirname }}/stgcn_utdmhad_recommended_bound_240.py'
        ),
        'bound: no teacher, Kinect projected to 2D': dict(
            config='{{ fileDirname }}/stgcn_utdmhad_recommended_bound_projected.py'
        ),
        'bound: no teacher, Kinect in 3D': dict(
            config='{{ fileDirname }}/stgcn_utdmhad_recommended_bound_3d.py'
        ),
    },
)
