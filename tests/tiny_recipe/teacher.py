_base_ = './common.py'

model = dict(layout='kinect_v1', backbone=dict(in_channels=3))
high_side = dict(ann_file='high.pkl', layout='kinect_v1')
train_dataloader = dict(dataset=dict(pipeline={{_base_.train_high}}, **high_side))
val_dataloader = dict(dataset=dict(pipeline={{_base_.test_high}}, **high_side))
test_dataloader = val_dataloader
