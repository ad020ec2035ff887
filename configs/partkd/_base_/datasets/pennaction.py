# Penn Action: 15 actions, 13 joints by hand in 2D, and COCO-17 in 2D by a pose estimator, whose
# file users make (docs/data_sets.md). The split is the publishers'.
_base_ = './paper_form.py'

data_root = 'data/pennaction/'
num_classes = 15

human13 = dict(ann_file=data_root + 'human13_2d.pkl', layout='penn_action')
coco17 = dict(ann_file=data_root + 'pifpaf_resnet152_coco17_2d.pkl', layout='coco')

train_dataloader = dict(
    batch_size=16,  # 64 would be 20 steps an epoch: too few in 60 epochs
    dataset=dict(num_classes=num_classes, split='train'),
)
val_dataloader = dict(dataset=dict(num_classes=num_classes, split='test'))
test_dataloader = val_dataloader
