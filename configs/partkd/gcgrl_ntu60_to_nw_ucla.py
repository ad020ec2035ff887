# After the abstract of GC-GRL: Kinect v2 of NTU RGB+D 60 helps Kinect v1 of NW-UCLA. Seven of its
# ten actions are in both.
_base_ = ['./stgcn_nw_ucla_kinect20.py', '_base_/datasets/ntu60_source.py']

model = dict(type='CrossGraphRecognizer', source_layout='nturgb+d', reversal_weight=1.0)

classes = {
    4: 'drop trash',  # drop
    5: 'pick up with one hand',  # pickup
    6: 'throw',  # throw
    7: 'sit down',  # sitting down
    8: 'stand up',  # standing up (from sitting position)
    13: 'donning',  # wear jacket
    14: 'doffing',  # take off jacket
}
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='CrossGraphDataset',
        dataset={{_base_.train_dataloader.dataset}},
        source=dict(pipeline=_base_.pipeline_3d, cache={{_base_.cache}}, **_base_.ntu60_source),
        classes=classes,
    )
)
