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

# Joints are filled in behind the occlusion, ahead of the sampling.
train_head = _base_.normalisation_2d + _base_.augmentation_2d + _base_.sampling[:1]
test_head = _base_.normalisation_2d + _base_.sampling[:1]
tail = _base_.sampling[1:]
linear, mean, nearest = (
    {
        'train_dataloader.dataset.pipeline': train_head + fill + tail,
        'test_dataloader.dataset.pipeline': test_head + fill + tail,
    }
    for fill in (
        [dict(type='FillMissingJoints', by='linear')],
        [dict(type='FillMissingJoints', by='mean')],
        [dict(type='FillMissingJoints', by='nearest')],
    )
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
        'plain, missing joints on a line': dict(losses=[], options=linear),
        'plain, missing joints by the mean': dict(losses=[], options=mean),
        'plain, missing joints by the nearest': dict(losses=[], options=nearest),
        'logit KL (T 4)': dict(losses=[kl]),
        'global MSC (alpha 10)': dict(losses=[dict(type='GlobalMSCLoss', loss_weight=10.0)]),
        'PMSC (alpha 10)': dict(losses=[dict(type='PMSCLoss', loss_weight=10.0)]),
        'KL + PMSC on segments': None,
        'KL + PMSC on segments, missing joints on a line': dict(options=linear),
        'control: taught by visible joints': dict(
            config='{{ fileDirname }}/stgcn_pennaction_visible_control.py'
        ),
    },
)
