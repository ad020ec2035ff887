# A bound: no estimator's errors, but no depth. The Kinect's 20 joints, projected to 2D.
_base_ = './stgcn_utdmhad_recommended_student.py'

model = dict(layout='kinect_v1')

clips = dict(ann_file={{_base_.kinect20.ann_file}}, layout={{_base_.kinect20.layout}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.train_pipeline_projected}}, **clips))
val_dataloader = dict(dataset=dict(pipeline={{_base_.test_pipeline_projected}}, **clips))
test_dataloader = val_dataloader
