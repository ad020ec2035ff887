# The teacher of stgcn_utdmhad_skd_hetero.py: Kinect v1, 20 joints in 3D, on the union graph.
_base_ = './stgcn_utdmhad_recommended_teacher.py'

model = dict(layout='union')

union = [dict(type='MapToUnion')]
train_pipeline_3d = _base_.train_pipeline_3d[:-3] + union + _base_.train_pipeline_3d[-3:]
test_pipeline_3d = _base_.test_pipeline_3d[:-3] + union + _base_.test_pipeline_3d[-3:]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline_3d))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline_3d))
test_dataloader = val_dataloader
