# The other way round: Kinect v1 of UTD-MHAD, without its depth, helps COCO-17 of MSR Action3D at
# 112x112.
_base_ = ['./gcgrl_msraction3d_to_utdmhad.py', '_base_/datasets/msraction3d.py']

model = dict(cls_head=dict(num_classes=20))

train_dataloader = dict(
    dataset=dict(
        dataset={{_base_.msraction3d_coco17_112}},
        source=dict(ann_file=_base_.kinect20.ann_file, num_classes=27),
        classes={'_delete_': True, **{one: other for other, one in _base_.classes.items()}},
    )
)
val_dataloader = dict(dataset={{_base_.msraction3d_coco17_112}})
test_dataloader = val_dataloader
