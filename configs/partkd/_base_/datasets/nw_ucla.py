# NW-UCLA: 10 actions, Kinect v1 in 3D; the third view is tested.
_base_ = './paper_form.py'

num_classes = 10

kinect20 = dict(ann_file='data/nw_ucla/kinect20_3d.pkl', layout='kinect_v1')

train_dataloader = dict(
    batch_size=16,  # of about a thousand clips
    dataset=dict(num_classes=num_classes, split='xview_train'),
)
val_dataloader = dict(dataset=dict(num_classes=num_classes, split='xview_val'))
test_dataloader = val_dataloader
