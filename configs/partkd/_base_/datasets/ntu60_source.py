# NTU RGB+D 60 as the other domain of a target: mmaction2's annotation file, cross-subject.
ntu60_source = dict(
    type='PairedPoseDataset',
    ann_file='data/skeleton/ntu60_3d.pkl',
    layout='nturgb+d',
    split='xsub_train',
    num_classes=60,
    on_bad_clip='skip',
)
