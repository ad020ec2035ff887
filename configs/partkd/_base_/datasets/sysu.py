# SYSU 3D HOI: 12 actions, Kinect v1 in 3D, and COCO-17 in 2D by a pose estimator, whose file
# users make (docs/data_sets.md). The first of the 30 splits of setting 1.
_base_ = './paper_form.py'

data_root = 'data/sysu/'
num_classes = 12

kinect20 = dict(ann_file=data_root + 'kinect20_3d.pkl', layout='kinect_v1')
coco17 = dict(ann_file=data_root + 'pifpaf_resnet152_coco17_2d.pkl', layout='coco')

train_dataloader = dict(
    batch_size=16,  # 64 would be four steps an epoch: too few in 60 epochs
    dataset=dict(num_classes=num_classes, split='setting1_01_train'),
)
val_dataloader = dict(dataset=dict(num_classes=num_classes, split='setting1_01_val'))
test_dataloader = val_dataloader
