# What another domain gives on UTD-MHAD, row by row, beside what the pair's own better skeletons
# know (the teacher): `tools/distill.py` and `tools/sweep.py` run it.
_base_ = './stgcn_utdmhad_rivals.py'

work = 'work_dirs/gcgrl_msraction3d_to_utdmhad_rows/'
model = dict(
    teacher=dict(
        folder=work + 'teacher_files', teacher=dict(checkpoint=f'{work}teacher/epoch_120.pth')
    )
)

both = dict(config='{{ fileDirname }}/gcgrl_msraction3d_to_utdmhad.py')
apart = {'model.reversal_weight': 0.0}
few, none = ({'train_dataloader.dataset.labelled': share} for share in (0.1, 0.0))

distill = dict(
    _delete_=True,
    title='MSR Action3D helps UTD-MHAD (COCO-17 at 160x120), after the abstract of GC-GRL',
    notes=[
        'The teacher sees Kinect v1 in 3D of the same clips, and is no part of the other rows.',
        '"Fine-tuned" starts from the weights of "source only", and is trained as long again as '
        '"target only".',
        'Trained on subjects 1, 3 and 5, tested on subject 7 alone. Eleven of 27 classes are in '
        'the source.',
    ],
    seeds=[0, 1, 2],
    students={
        'target only': dict(losses=[]),
        'source only': dict(options=apart | none, **both),
        'fine-tuned': dict(losses=[], starts_from='source only'),
        'joint without reversal': dict(options=apart, **both),
        'GC-GRL': both,
        'a tenth of the labels, joint without reversal': dict(options=apart | few, **both),
        'a tenth of the labels, GC-GRL': dict(options=few, **both),
        'no labels, GC-GRL': dict(options=none, **both),
    },
)
