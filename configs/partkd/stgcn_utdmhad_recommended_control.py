# The control: the recommended form under a teacher that saw no better skeletons than the student.
_base_ = './stgcn_utdmhad_recommended_student.py'

work = 'work_dirs/stgcn_utdmhad_recommended_control/'
teacher = dict(
    type='FrozenTeacher',
    config='{{ fileDirname }}/stgcn_utdmhad_recommended_student.py',
    checkpoint=work + 'teacher/epoch_120.pth',
)
student = {{_base_.model}}

model = dict(
    _delete_=True,
    type='KDRecognizer',
    student=student,
    teacher=dict(type='FeatureBank', file=work + 'feature_bank.npz', teacher=teacher),
    losses=[
        dict(type='KLLoss', temperature=4.0),
        dict(type='PMSCLoss', features='segments', loss_weight=10.0),
    ],
)
train_dataloader = dict(
    dataset=dict(
        teacher=dict(
            ann_file={{_base_.coco17_120.ann_file}},
            layout={{_base_.coco17_120.layout}},
            pipeline={{_base_.test_pipeline_2d}},
        )
    )
)
