# The rows of scdnet_utdmhad.py on MSR Action3D, on which nothing was chosen: Kinect v1 in 3D
# teaches COCO-17 in 2D at 112x112. The pre-training is the same, of the training people of both.
_base_ = ['./scdnet_utdmhad.py', '_base_/datasets/msraction3d.py']

work = 'work_dirs/scdnet_msraction3d/'
model = dict(
    student=dict(cls_head=dict(num_classes=20)),
    teacher=dict(
        folder=work + 'teacher_files',
        teacher=dict(
            config='{{ fileDirname }}/stgcn_msraction3d_recommended_teacher.py',
            checkpoint=work + 'teacher/epoch_120.pth',
        ),
    ),
)
train_dataloader = dict(dataset={{_base_.msraction3d_coco17_112}})
val_dataloader = dict(dataset={{_base_.msraction3d_coco17_112}})
test_dataloader = val_dataloader

distill = dict(
    title='MSR Action3D, SCD-Net before training and before distillation',
    notes=[
        'One teacher and one pre-training a seed; students of 16 channels and 60 epochs. Everybody '
        'learns from cross entropy with label smoothing .1.',
        'Pre-training: clips of low quality of the training people of UTD-MHAD and MSR Action3D, '
        'without labels.',
        'A tenth of the labels is one clip of each class, drawn by the seed.',
        'Trained on subjects 1, 3, 5 and 7, tested on subject 9. Nothing was chosen on them.',
    ],
)
