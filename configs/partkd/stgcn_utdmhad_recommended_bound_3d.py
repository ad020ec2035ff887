# A bound: the student's network on the teacher's skeletons. Under occlusion it says what is lost
# with the joints themselves, as no estimator's errors come on top.
_base_ = './stgcn_utdmhad_recommended_student.py'

model = dict(layout='kinect_v1', backbone=dict(in_channels=9))

clips = dict(ann_file={{_base_.kinect20.ann_file}}, layout={{_base_.kinect20.layout}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.train_pipeline_3d}}, **clips))
val_dataloader = dict(dataset=dict(pipeline={{_base_.test_pipeline_3d}}, **clips))
test_dataloader = val_dataloader
