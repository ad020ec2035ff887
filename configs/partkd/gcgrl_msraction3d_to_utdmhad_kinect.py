# From COCO to Kinect: COCO-17 of MSR Action3D at 112x112 helps Kinect v1 of UTD-MHAD, without its
# depth.
_base_ = ['./gcgrl_msraction3d_to_utdmhad.py', '_base_/datasets/msraction3d.py']

model = dict(layout='kinect_v1', source_layout='coco')

clips = dict(ann_file={{_base_.kinect20.ann_file}}, layout={{_base_.kinect20.layout}})
train_dataloader = dict(
    dataset=dict(
        dataset=dict(pipeline=[_base_.turned, *_base_.train_pipeline_projected[1:]], **clips),
        source=dict(
            layout='coco', pipeline=_base_.train_pipeline_2d, **_base_.msraction3d_coco17_112
        ),
    )
)
val_dataloader = dict(
    dataset=dict(pipeline=[_base_.turned, *_base_.test_pipeline_projected[1:]], **clips)
)
test_dataloader = val_dataloader
