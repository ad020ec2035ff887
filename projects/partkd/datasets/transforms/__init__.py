"""Transforms of a clip, or of a whole batch. All take the skeleton from the item's layout."""

from .augment import FlipSkeleton, RotateSkeleton, ScaleSkeleton, ShearSkeleton
from .clue_masks import StructuralMask, TemporalCubeMask
from .degradation import Degradation
from .fill import FillMissingFrames
from .fill_joints import FillMissingJoints
from .frame_gap import FrameGap
from .frame_loss import FrameLoss
from .jitter import JointJitter
from .map_to_layout import MapToLayout
from .map_to_union import MapToUnion
from .normalize_2d import NormalizePose2D
from .normalize_3d import NormalizePose3D
from .occlusion import JointOcclusion
from .pack import PackSkeletonInputs
from .part_loss import PartLoss
from .persons import KeepPersons
from .project import ProjectPose
from .sampling import TruncateFrames, UniformSampleSkeleton
from .streams import STREAMS, SkeletonStreams
from .visibility_masks import VisibilityMasks

__all__ = [
    'STREAMS',
    'Degradation',
    'FillMissingFrames',
    'FillMissingJoints',
    'FlipSkeleton',
    'FrameGap',
    'FrameLoss',
    'JointJitter',
    'JointOcclusion',
    'KeepPersons',
    'MapToLayout',
    'MapToUnion',
    'NormalizePose2D',
    'NormalizePose3D',
    'PackSkeletonInputs',
    'PartLoss',
    'ProjectPose',
    'RotateSkeleton',
    'ScaleSkeleton',
    'ShearSkeleton',
    'SkeletonStreams',
    'StructuralMask',
    'TemporalCubeMask',
    'TruncateFrames',
    'UniformSampleSkeleton',
    'VisibilityMasks',
]
