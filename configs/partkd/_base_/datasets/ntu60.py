# NTU RGB+D 60 in mmaction2's annotation files: Kinect v2 in 3D (`ntu60_3d.pkl`), COCO-17 in 2D
# (`ntu60_2d.pkl`), and COCO-17 of a poorer estimator in a file of the same form
# (`ntu60_2d_low.pkl`, which users make with their own estimator).
_base_ = './paper_form.py'

data_root = 'data/skeleton/'
num_classes = 60

kinect25 = dict(ann_file=data_root + 'ntu60_3d.pkl', layout='nturgb+d')
coco17 = dict(ann_file=data_root + 'ntu60_2d.pkl', layout='coco')
coco17_low = dict(ann_file=data_root + 'ntu60_2d_low.pkl', layout='coco')

train_dataloader = dict(
    batch_size=64,
    num_workers=2,
    dataset=dict(num_classes=num_classes),
)
val_dataloader = dict(num_workers=2, dataset=dict(num_classes=num_classes))
test_dataloader = val_dataloader
