# NTU60 cross-view, homogeneous pair.
_base_ = './stgcn_ntu60_xsub_homo.py'

work = 'work_dirs/stgcn_ntu60_xview_homo/'
teacher = dict(
    config='{{ fileDirname }}/stgcn_ntu60_xview_teacher_coco17.py',
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
    title='NTU60 cross-view, COCO-17 of a better estimator teaches COCO-17 of a poorer one',
    # Method paper, Table 2: teacher, student without and with distillation.
    paper={
        'OP 0': (90.41, 84.88, 88.36),
        'OP .3': (90.41, 80.45, 86.61),
        'OP .6': (90.41, 77.7, 83.61),
    },
)
