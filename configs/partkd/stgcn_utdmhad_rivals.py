# UTD-MHAD, Kinect v1 in 3D teaches COCO-17 in 2D at 160x120: distillation beside rivals that cost
# nothing, where joints or frames are missing. One teacher, and a student of half the width and half
# the epochs of the recommended form.
_base_ = './stgcn_utdmhad_rivals_student.py'

work = 'work_dirs/stgcn_utdmhad_rivals/'
teacher = dict(
    type='FrozenTeacher',
    config='{{ fileDirname }}/stgcn_utdmhad_recommended_teacher.py',
    checkpoint=f'{work}teacher/epoch_120.pth',
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
    title='UTD-MHAD, distillation beside rivals that cost nothing',
    notes=[
        'One teacher a seed; students of 16 channels and 60 epochs. Everybody learns from cross '
        'entropy with label smoothing .1.',
        'Trained on subjects 1, 3 and 5, tested on subject 7 alone.',
    ],
    seeds=[0, 1, 2],
    conditions={
        'OP 0': dict(prob=0.0),
        'OP .6': dict(prob=0.6),
        'OP .6, whole clips': dict(prob=0.6, scope='clip'),
        'a block of half the frames': dict(degradations=['frames:share=0.5,form=block']),
    },
    students={
        'plain': dict(losses=[]),
        'plain, missing joints on a line': dict(losses=[], **linear),
        'plain, missing joints by the mean': dict(losses=[], **mean),
        'plain, missing joints by the nearest': dict(losses=[], **nearest),
        # What was hidden is not to be seen in the joints that are guessed of it.
        'plain, on the union graph': dict(
            losses=[],
            behind_degradations=[dict(type='MapToUnion')],
            options={'model.student.layout': 'union'},
        ),
        'logit KL (T 4)': dict(losses=[kl]),
        'KL + PMSC on segments': None,
        'KL + PMSC on segments, missing joints on a line': linear,
    },
)
