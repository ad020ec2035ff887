# PKU-MMD I: 51 actions, Kinect v2 in 3D, cut out of long videos; cross-subject.
_base_ = './paper_form.py'

num_classes = 51

kinect25 = dict(ann_file='data/pku_mmd/kinect25_3d.pkl', layout='nturgb+d')

train_dataloader = dict(
    batch_size=64,
    num_workers=2,
    dataset=dict(num_classes=num_classes),
)
val_dataloader = dict(num_workers=2, dataset=dict(num_classes=num_classes))
test_dataloader = val_dataloader
