# Does the recommended form hold for people that nobody chose on? MSR Action3D, in all else as
# stgcn_utdmhad_people.py, to be run likewise: tools/sweep.py --leave-out '_s(\d+)_' --all-clips.
_base_ = ['./stgcn_utdmhad_people.py', '_base_/datasets/msraction3d.py']

work = 'work_dirs/stgcn_msraction3d_people/'
teacher = dict(
    config='{{ fileDirname }}/stgcn_msraction3d_people_teacher.py',
    checkpoint=[f'{work}teacher_{number}/epoch_60.pth' for number in range(3)],
)
model = dict(
    student=dict(cls_head=dict(num_classes=20)),
    teacher=dict(folder=work + 'teacher_files', teacher=teacher),
)
train_dataloader = dict(dataset={{_base_.msraction3d_coco17_112}})
val_dataloader = dict(dataset={{_base_.msraction3d_coco17_112}})
test_dataloader = val_dataloader

distill = dict(
    title='MSR Action3D, person by person: Kinect v1 in 3D teaches COCO-17 in 2D at 112x112',
    students={
        'control': dict(config='{{ fileDirname }}/stgcn_msraction3d_people_control.py'),
    },
)
