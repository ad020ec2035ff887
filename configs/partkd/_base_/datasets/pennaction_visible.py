# Penn Action, 13 joints in 2D by hand, in two qualities: all that the annotators placed, and only
# those that they could see. These are the publishers' training clips, split once more: the last
# fifth of each class is for test. Pipelines as they were chosen on UTD-MHAD.
_base_ = './utdmhad_three_streams.py'

data_root = 'data/pennaction/'
num_classes = 15

human13 = dict(ann_file=data_root + 'human13_2d.pkl', layout='penn_action')
visible13 = dict(ann_file=data_root + 'visible13_2d.pkl', layout='penn_action')

train_dataloader = dict(dataset=dict(num_classes=num_classes, split='train'))
val_dataloader = dict(dataset=dict(num_classes=num_classes, split='val'))
test_dataloader = val_dataloader
