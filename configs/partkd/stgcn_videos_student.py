# Poses of a folder of videos, docs/videos.md: the student, on those of the poorer estimator.
_base_ = './stgcn_videos_teacher.py'

clips = dict(ann_file='data/videos/low.pkl', on_bad_clip='skip')
train_dataloader = dict(dataset=clips)
val_dataloader = dict(dataset=clips)
test_dataloader = val_dataloader
