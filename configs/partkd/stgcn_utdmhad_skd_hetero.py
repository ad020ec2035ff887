# UTD-MHAD, Kinect v1 in 3D teaches COCO-17 in 2D at 160x120, both on the union graph, where joints
# can be compared one by one: SKD of stgcn_utdmhad_skd.py beside the comparison of parts, which
# needs no common graph.
_base_ = './stgcn_utdmhad_skd.py'

work = 'work_dirs/stgcn_utdmhad_skd_hetero/'
teacher = dict(
    config='{{ fileDirname }}/stgcn_utdmhad_skd_hetero_teacher.py',
    checkpoint=f'{work}teacher/epoch_120.pth',
)
model = dict(
    student=dict(layout='union'),
    teacher=dict(folder=work + 'teacher_files', teacher=teacher),
)

# Behind occlusion, which would else be seen in the joints that are guessed.
union = [dict(type='MapToUnion')]
train_pipeline_2d = _base_.train_pipeline_2d[:-3] + union + _base_.train_pipeline_2d[-3:]
test_pipeline_2d = _base_.test_pipeline_2d[:-3] + union + _base_.test_pipeline_2d[-3:]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline_2d))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline_2d))
test_dataloader = val_dataloader

skd = [_base_.skd_kl, _base_.graph]
parts = [_base_.kl, _base_.segments]
distill = dict(
    title='UTD-MHAD, Kinect v1 in 3D teaches COCO-17 in 2D at 160x120: SKD on the union graph',
    notes=[
        *_base_.distill.notes,
        'Joints that a sensor lacks are guessed behind that. Students on their own graph have a '
        'teacher on its own.',
    ],
    students=dict(
        _delete_=True,
        **{
            'plain': dict(losses=[], **_base_.filled),
            'KL (SKD)': dict(losses=[_base_.skd_kl], **_base_.filled),
            'KL + graph matching': dict(losses=skd, options=_base_.adapted, **_base_.filled),
            'KL + graph matching, revised (SKD)': dict(
                losses=skd, options=_base_.adapted | _base_.revised, **_base_.filled
            ),
            'KL + PMSC on segments': dict(losses=parts, **_base_.filled),
            'plain, on its own graph': dict(
                config='{{ fileDirname }}/stgcn_utdmhad_rivals_student.py', **_base_.filled
            ),
            'KL + PMSC on segments, on their own graphs': dict(
                config='{{ fileDirname }}/stgcn_utdmhad_rivals.py', **_base_.filled
            ),
        },
    ),
)
