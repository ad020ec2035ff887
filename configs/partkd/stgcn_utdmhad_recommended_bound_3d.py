# A bound: a network of the student's size on the teacher's skeletons. Under occlusion it says what
# is lost with the joints themselves, as no estimator's errors come on top.
_base_ = './stgcn_utdmhad_recommended_teacher.py'

width = 32

model = dict(
    backbone=dict(base_channels=width),
    cls_head=dict(in_channels=4 * 5 * 4 * width),
)
