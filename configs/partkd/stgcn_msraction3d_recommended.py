# The recommended form on a pair that nothing was chosen on: MSR Action3D, Kinect v1 in 3D (20
# joints) teaches COCO-17 in 2D at 112x112. All but the data is as it was chosen on UTD-MHAD.
_base_ = ['./stgcn_utdmhad_recommended.py', '_base_/datasets/msraction3d.py']

work = 'work_dirs/stgcn_msraction3d_recommended/'
teacher = dict(
    config='{{ fileDirname }}/stgcn_msraction3d_recommended_teacher.py',
    checkpoint=[f'{work}teacher_{number}/epoch_120.pth' for number in range(5)],
)
model = dict(
    student=dict(cls_head=dict(num_classes=20)),
    teacher=dict(folder=work + 'teacher_files', teacher=teacher),
)
train_dataloader = dict(dataset={{_base_.msraction3d_coco17_112}})
val_dataloader = dict(dataset={{_base_.msraction3d_coco17_112}})
test_dataloader = val_dataloader

distill = dict(
    title='MSR Action3D, the recommended form: Kinect v1 in 3D teaches COCO-17 in 2D at 112x112',
    notes=[
        'Teachers and students learn from cross entropy with label smoothing .1, students also '
        'from what their row names.',
        'The files have subjects 1, 3, 5 and 7 for training and subject 9 for test. Nothing was '
        'chosen on any of them.',
    ],
    students={
        '_delete_': True,
        'cross entropy + label smoothing': dict(losses=[]),
        'logit KL (T 4)': dict(losses=[{{_base_.kl}}]),
        'global MSC (alpha 10)': dict(losses=[dict(type='GlobalMSCLoss', loss_weight=10.0)]),
        'KL + PMSC on segments': None,
        'control: taught by 2D at 112x112': dict(
            config='{{ fileDirname }}/stgcn_msraction3d_recommended_control.py'
        ),
    },
)
