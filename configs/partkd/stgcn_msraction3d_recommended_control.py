# The control: the recommended form under a teacher that saw no better skeletons than the student.
_base_ = './stgcn_msraction3d_recommended.py'

work = 'work_dirs/stgcn_msraction3d_recommended_control/'
teacher = dict(
    config='{{ fileDirname }}/stgcn_msraction3d_recommended_student.py',
    checkpoint=[f'{work}teacher_{number}/epoch_120.pth' for number in range(5)],
)
model = dict(
    teacher=dict(file=work + 'feature_bank.npz', teacher=teacher),
    adapter=dict(out_channels=128),
)
train_dataloader = dict(
    dataset=dict(
        teacher=dict(
            ann_file={{_base_.msraction3d_coco17_112.ann_file}},
            layout={{_base_.coco17_120.layout}},
            pipeline={{_base_.test_pipeline_2d}},
        )
    )
)
distill = dict(_delete_=True)  # no recipe of its own
