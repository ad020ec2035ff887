"""From videos to annotation files: pose estimators behind one small interface."""

from .blazepose import BlazePose
from .estimator import POSE_ESTIMATORS, PoseEstimator, build_estimator, read_estimator
from .mmpose_estimator import MMPose
from .video_frames import VIDEO_SUFFIXES, Video, open_video, shrink
from .video_poses import VideoPoses

__all__ = [
    'POSE_ESTIMATORS',
    'VIDEO_SUFFIXES',
    'BlazePose',
    'MMPose',
    'PoseEstimator',
    'Video',
    'VideoPoses',
    'build_estimator',
    'open_video',
    'read_estimator',
    'shrink',
]
