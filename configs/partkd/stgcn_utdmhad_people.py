# Does the recommended form hold for people that nobody chose on? UTD-MHAD, with a student of half
# the width, three teachers and half the epochs, for many rows. Each of the four people is to be
# left out in turn: tools/sweep.py --leave-out '_s(\d+)_' --all-clips.
_base_ = './stgcn_utdmhad_rivals.py'

work = 'work_dirs/stgcn_utdmhad_people/'
teacher = dict(
    config='{{ fileDirname }}/stgcn_utdmhad_people_teacher.py',
    checkpoint=[f'{work}teacher_{number}/epoch_60.pth' for number in range(3)],
)
model = dict(teacher=dict(folder=work + 'teacher_files', teacher=teacher))

kl = _base_.kl
distill = dict(
    title='UTD-MHAD, person by person: Kinect v1 in 3D teaches COCO-17 in 2D at 160x120',
    notes=[
        'Teachers and students of 16 channels and 60 epochs but where a row says otherwise; both '
        'learn from cross entropy with label smoothing .1, students also from what their row '
        'names.',
    ],
    seeds=[0, 1, 2, 3, 4, 5],  # two disjoint sets of teachers
    conditions={
        '_delete_': True,
        'OP 0': dict(prob=0.0),
        'OP .6, whole clips': dict(prob=0.6, scope='clip'),
        'parts .4, whole clips': dict(prob=0.4, scope='part'),
    },
    students={
        '_delete_': True,
        'plain': dict(losses=[]),
        'logit KL (T 4)': dict(losses=[kl]),
        'global MSC (alpha 10)': dict(losses=[dict(type='GlobalMSCLoss', loss_weight=10.0)]),
        'KL + PMSC on segments': None,
        'control': dict(config='{{ fileDirname }}/stgcn_utdmhad_people_control.py'),
        'plain, missing joints on a line': dict(losses=[], **_base_.linear),
    },
)
