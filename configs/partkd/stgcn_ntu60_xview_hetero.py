# NTU60 cross-view, heterogeneous pair.
_base_ = './stgcn_ntu60_xsub_hetero.py'

work = 'work_dirs/stgcn_ntu60_xview_hetero/'
teacher = dict(
    config='{{ fileDirname }}/stgcn_ntu60_xview_teacher_kinect25.py',
    checkpoint=work + 'teacher/epoch_60.pth',
)
part_matrix = dict(type='PartMatrix', folder=work + 'teacher_files')

model = dict(
    teacher=dict(folder=work + 'teacher_files', teacher=teacher),
    losses=[dict(type='PMSCLoss', part_matrix=part_matrix, loss_weight=10.0)],
)
train_dataloader = dict(dataset=dict(split='xview_train'))
val_dataloader = dict(dataset=dict(split='xview_val'))
test_dataloader = val_dataloader

distill = dict(
    title='NTU60 cross-view, Kinect v2 in 3D teaches COCO-17 in 2D',
    # Method paper, Table 1: teacher, student without and with distillation.
    paper={
        'OP 0': (89.46, 84.88, 88.13),
        'OP .3': (89.46, 80.45, 85.67),
        'OP .6': (89.46, 77.7, 84.03),
    },
)
