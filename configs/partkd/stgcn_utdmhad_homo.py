# UTD-MHAD, homogeneous pair: COCO-17 in 2D at 320x240 teaches COCO-17 in 2D at 160x120.
_base_ = './stgcn_utdmhad_hetero.py'

work = 'work_dirs/stgcn_utdmhad_homo/'
teacher = dict(
    type='FrozenTeacher',
    config='{{ fileDirname }}/stgcn_utdmhad_teacher_coco17_240.py',
    checkpoint=work + 'teacher/epoch_60.pth',
)
part_matrix = dict(type='PartMatrix', folder=work + 'teacher_files')

model = dict(
    teacher=dict(folder=work + 'teacher_files', teacher=teacher),
    losses=[dict(type='PMSCLoss', part_matrix=part_matrix, loss_weight=10.0)],
)

distill = dict(
    title='UTD-MHAD, COCO-17 in 2D at 320x240 teaches COCO-17 in 2D at 160x120',
    students={
        'PMSC (alpha 1, the paper)': dict(
            losses=[dict(type='PMSCLoss', part_matrix=part_matrix, loss_weight=1.0)]
        ),
    },
)
