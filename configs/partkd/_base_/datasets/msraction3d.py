# MSR Action3D: 20 actions, Kinect v1 in 3D, and COCO-17 in 2D by a pose estimator on the depth
# video at 112x112. Configs of UTD-MHAD are read with these in the place of their own.
msraction3d_kinect20 = dict(ann_file='data/msraction3d/kinect20_3d.pkl', num_classes=20)
msraction3d_coco17_112 = dict(
    ann_file='data/msraction3d/blazepose_lite_112_coco17_2d.pkl', num_classes=20
)
