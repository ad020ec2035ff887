# Penn Action, occlusion as it really is: all joints that annotators placed teach those that they
# could see. Distillation beside rivals that cost nothing.
_base_ = './stgcn_pennaction_visible_student.py'

work = 'work_dirs/stgcn_pennaction_visible/'
teacher = dict(
    type='FrozenTeacher',
    config='{{ fileDirname }}/stgcn_pennaction_visible_teacher.py',
    checkpoint=f'{work}teacher/epoch_60.pth',
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
)

linear, mean, nearest = (
    dict(behind_degradations=[dict(type='FillMissingJoints', by=by)])
    for by in ('linear', 'mean', 'nearest')
)

distill = dict(
    title='Penn Action, all joints by hand teach those that could be seen',
    notes=[
        'One teacher a seed. Everybody learns from cross entropy with label smoothing .1.',
        "The publishers' training clips alone, split once more: these are not the paper's test "
        'clips.',
        "In the student's clips 22 % of the joints are missing, in runs of 14 frames in the "
        'median.',
    ],
    seeds=[0, 1, 2],
    conditions={
        'visible joints': dict(prob=0.0),
        'visible joints, OP .6': dict(prob=0.6),
        'visible joints, OP .6, whole clips': dict(prob=0.6, scope='clip'),
    },
    students={
        'plain': dict(losses=[]),
        'plain, missing joints on a line': dict(losses=[], **linear),
        'plain, missing joints by the mean': dict(losses=[], **mean),
        'plain, missing joints by the nearest': dict(losses=[], **nearest),
        'logit KL (T 4)': dict(losses=[kl]),
        'global MSC (alpha 10)': dict(losses=[dict(type='GlobalMSCLoss', loss_weight=10.0)]),
        'PMSC (alpha 10)': dict(losses=[dict(type='PMSCLoss', loss_weight=10.0)]),
        'KL + PMSC on segments': None,
        'KL + PMSC on segments, missing joints on a line': linear,
        'control: taught by visible joints': dict(
            config='{{ fileDirname }}/stgcn_pennaction_visible_control.py'
        ),
    },
)
