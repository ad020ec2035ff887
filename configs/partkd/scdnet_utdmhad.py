# Does pre-training without labels help a student, plain, with few labels or distilled? UTD-MHAD,
# Kinect v1 in 3D teaches COCO-17 in 2D at 160x120.
_base_ = './stgcn_utdmhad_rivals.py'

work = 'work_dirs/scdnet_utdmhad/'
model = dict(
    teacher=dict(
        folder=work + 'teacher_files', teacher=dict(checkpoint=work + 'teacher/epoch_120.pth')
    )
)
own = dict(pretraining='{{ fileDirname }}/scdnet_utdmhad_pretraining.py')
probe = {'model.student.frozen_encoder': True}
few = {'train_dataloader.dataset.labelled_fraction': 0.1}

distill = dict(
    title='UTD-MHAD, SCD-Net before training and before distillation',
    notes=[
        'One teacher and one pre-training a seed; students of 16 channels and 60 epochs. Everybody '
        'learns from cross entropy with label smoothing .1.',
        'Pre-training: clips of low quality of the training people of UTD-MHAD and MSR Action3D, '
        'without labels.',
        'A tenth of the labels is one clip of each class, drawn by the seed.',
        'Trained on subjects 1, 3 and 5, tested on subject 7 alone.',
    ],
    seeds=[0, 1, 2, 3, 4],
    conditions=dict(_delete_=True, **{'OP 0': dict(prob=0.0)}),
    students={
        '_delete_': True,
        'plain': dict(losses=[]),
        'pre-trained, plain': dict(losses=[], **own),
        'pre-trained, linear probe': dict(losses=[], options=probe, **own),
        'plain, a tenth of the labels': dict(losses=[], options=few),
        'pre-trained, a tenth of the labels': dict(losses=[], options=few, **own),
        'KL + PMSC on segments': None,
        'pre-trained, then distilled': own,
    },
)
