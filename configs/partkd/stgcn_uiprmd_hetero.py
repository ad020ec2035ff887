# UI-PRMD: 39 Vicon markers teach 22 Kinect joints, other frames and other lengths. Both sides are
# about as good, so there is little to be had: it shows the method on unlike graphs.
_base_ = './stgcn_uiprmd_student_kinect22.py'

work = 'work_dirs/stgcn_uiprmd_hetero/'
teacher = dict(
    type='FrozenTeacher',
    config='{{ fileDirname }}/stgcn_uiprmd_teacher_vicon39.py',
    checkpoint=work + 'teacher/epoch_24.pth',
)
part_matrix = dict(type='PartMatrix', folder=work + 'teacher_files')
kl = dict(type='KLLoss', temperature=4.0)
segments = dict(type='PMSCLoss', reads='segments', loss_weight=10.0)
student = {{_base_.model}}

model = dict(
    _delete_=True,
    type='KDRecognizer',
    student=student,
    teacher=dict(type='FeatureBank', folder=work + 'teacher_files', teacher=teacher),
    losses=[kl, segments],
)

distill = dict(
    title='UI-PRMD, Vicon (39 markers) teaches Kinect (22 joints), both in 3D',
    notes=['Trained on subjects 1 to 5, tested on 6 to 10. Pairs are not the same frames.'],
    seeds=[0, 1, 2],
    conditions={'OP 0': dict(prob=0.0), 'OP .6, whole clips': dict(prob=0.6, scope='clip')},
    students={
        'cross entropy + label smoothing': dict(losses=[]),
        'logit KL (T 4)': dict(losses=[kl]),
        'PMSC (alpha 10)': dict(
            losses=[dict(type='PMSCLoss', part_matrix=part_matrix, loss_weight=10.0)]
        ),
        'KL + PMSC on segments': None,
    },
)
