"""Transforms of a clip, or of a whole batch. All take the skeleton from the item's layout."""

from .augment import FlipSkeleton, RotateSkeleton, ScaleSkeleton
from .fill import FillMissingFrames
from .normalize_2d import NormalizePose2D
from .normalize_3d import NormalizePose3D
from .occlusion import JointOcclusion
from .pack import PackSkeletonInputs
from .persons import KeepPersons
from .project import ProjectPose
from .sampling import TruncateFrames, UniformSampleSkeleton
from .streams import STREAMS, SkeletonStreams

__all__ = [
    'STREAMS',
    'FillMissingFrames',
    'FlipSkeleton',
    'JointOcclusion',
    'KeepPersons',
    'NormalizePose2D',
    'NormalizePose3D',
    'PackSkeletonInputs',
    'ProjectPose',
    'RotateSkeleton',
    'ScaleSkeleton',
    'SkeletonStreams',
    'TruncateFrames',
    'UniformSampleSkeleton',
]
