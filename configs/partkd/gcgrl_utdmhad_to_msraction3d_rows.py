# The rows of gcgrl_msraction3d_to_utdmhad_rows.py the other way round: UTD-MHAD helps MSR Action3D.
_base_ = ['./gcgrl_msraction3d_to_utdmhad_rows.py', '_base_/datasets/msraction3d.py']

work = 'work_dirs/gcgrl_utdmhad_to_msraction3d_rows/'
teacher = dict(
    config='{{ fileDirname }}/stgcn_msraction3d_recommended_teacher.py',
    checkpoint=f'{work}teacher/epoch_120.pth',
)
model = dict(
    student=dict(cls_head=dict(num_classes=20)),
    teacher=dict(folder=work + 'teacher_files', teacher=teacher),
)
train_dataloader = dict(dataset={{_base_.msraction3d_coco17_112}})
val_dataloader = dict(dataset={{_base_.msraction3d_coco17_112}})
test_dataloader = val_dataloader

both = dict(config='{{ fileDirname }}/gcgrl_utdmhad_to_msraction3d.py')
distill = dict(
    title='UTD-MHAD helps MSR Action3D (COCO-17 at 112x112), after the abstract of GC-GRL',
    notes=[
        *_base_.distill.notes[:2],
        'Trained on subjects 1, 3, 5 and 7, tested on subject 9 alone. Eleven of 20 classes are in '
        'the source.',
    ],
    students={name: both for name, row in _base_.distill.students.items() if 'config' in row},
)
