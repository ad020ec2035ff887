# After the abstract of GC-GRL: Kinect v1 of MSR Action3D, without its depth, helps COCO-17 of
# UTD-MHAD at 160x120. Nobody and no film is in both; eleven actions are. docs/method.md has the
# rows beside it.
_base_ = './stgcn_utdmhad_rivals_student.py'

model = dict(type='CrossGraphRecognizer', source_layout='kinect_v1', reversal_weight=1.0)

turned = dict(type='ProjectPose', signs=(-1, -1))  # as images have their axes
source = dict(
    type='PairedPoseDataset',
    ann_file='data/msraction3d/kinect20_3d.pkl',
    layout='kinect_v1',
    split='xsub_train',
    num_classes=20,
    pipeline=[turned, *_base_.train_pipeline_projected[1:]],
)
classes = {
    0: 2,  # high arm wave, wave
    3: 19,  # hand catch
    5: 4,  # high throw, throw
    6: 7,  # draw X
    8: 8,  # draw circle, clockwise
    9: 3,  # clap
    11: 12,  # side boxing, boxing
    15: 21,  # jogging
    16: 14,  # tennis swing
    17: 16,  # tennis serve
    19: 20,  # pick up and throw
}
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='CrossGraphDataset',
        dataset={{_base_.train_dataloader.dataset}},
        source=source,
        classes=classes,
        labelled=1.0,
    )
)
