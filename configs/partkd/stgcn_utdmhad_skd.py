# UTD-MHAD, COCO-17 at 320x240 teaches COCO-17 at 160x120: structural knowledge distillation (SKD),
# its parts, and its gradient revision under other losses. SKD's losses are KL without a
# temperature, and features and distances of joints behind a linear map of the student's, none of
# them weighted; its joints are missing in each frame on their own, drawn once for each clip, and
# filled by the mean of three frames on either side.
_base_ = './stgcn_utdmhad_rivals_student.py'

work = 'work_dirs/stgcn_utdmhad_skd/'
teacher = dict(
    type='FrozenTeacher',
    config='{{ fileDirname }}/stgcn_utdmhad_skd_teacher.py',
    checkpoint=f'{work}teacher/epoch_60.pth',
)
student = {{_base_.model}}
skd_kl = dict(type='KLLoss', temperature=1.0)
graph = dict(type='GraphMatchingLoss')
features = dict(type='GraphMatchingLoss', structure_weight=0.0)
distances = dict(type='GraphMatchingLoss', feature_weight=0.0)
kl = dict(type='KLLoss', temperature=4.0)
pmsc = dict(type='PMSCLoss', loss_weight=10.0)
segments = dict(type='PMSCLoss', reads='segments', loss_weight=10.0)
model = dict(
    _delete_=True,
    type='KDRecognizer',
    student=student,
    teacher=dict(type='FeatureBank', folder=work + 'teacher_files', teacher=teacher),
    losses=[skd_kl, graph],
)

adapted = {'model.adapter': dict(type='PartAdapter')}
revised = {'optim_wrapper.type': 'BFloat16GradientRevisionOptimWrapper'}
filled = dict(behind_degradations=[dict(type='FillMissingJoints', by='mean')])

distill = dict(
    title='UTD-MHAD, COCO-17 at 320x240 teaches COCO-17 at 160x120: SKD and its parts',
    notes=[
        'One teacher a seed. Everybody learns from cross entropy with label smoothing .1, and '
        "sees missing joints filled by the mean of three frames on either side, as SKD's code "
        'fills them.',
        'Trained on subjects 1, 3 and 5, tested on subject 7 alone.',
        "SKD here has the student's own network and schedule, not those of its code.",
    ],
    seeds=[0, 1, 2],
    conditions={
        'OP .6, drawn once': dict(degradations=['joints:prob=0.6,scope=frame,once=True']),
        'OP 0': dict(prob=0.0),
        'OP .6, whole clips': dict(prob=0.6, scope='clip'),
    },
    students={
        'plain': dict(losses=[], **filled),
        'KL (SKD)': dict(losses=[skd_kl], **filled),
        'features of joints': dict(losses=[features], options=adapted, **filled),
        'distances of joints': dict(losses=[distances], options=adapted, **filled),
        'KL + graph matching': dict(losses=[skd_kl, graph], options=adapted, **filled),
        'KL + graph matching, revised (SKD)': dict(
            losses=[skd_kl, graph], options=adapted | revised, **filled
        ),
        'PMSC (alpha 10)': dict(losses=[pmsc], **filled),
        'PMSC (alpha 10), revised': dict(losses=[pmsc], options=revised, **filled),
        'KL + PMSC on segments': dict(losses=[kl, segments], **filled),
        'KL + PMSC on segments, revised': dict(losses=[kl, segments], options=revised, **filled),
    },
)
