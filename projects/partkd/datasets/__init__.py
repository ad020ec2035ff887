"""Clips, pairs and what happens to one clip before it is in a batch."""

from partkd.datasets.annotations import (
    TENSORS,
    check_clip,
    class_names,
    load_annotations,
    read_pickle,
    require_file,
    save_annotations,
    shows_nobody,
)

from .clip_items import item_to_classify, make_item
from .converters import (
    CONVERTERS,
    Clip,
    ConversionSummary,
    EstimatedPoses,
    NobodyError,
    PersonTracker,
    in_two,
    read_shard,
    run_converter,
)
from .cross_graph_dataset import CrossGraphDataset
from .paired_pose_dataset import PairedPoseDataset
from .samplers import LengthGroupedBatchSampler
from .transforms import *  # noqa: F403
from .transforms import __all__ as _transforms
from .two_views_dataset import TwoViewsDataset
from .wrappers import innermost, parts_of

__all__ = [
    'CONVERTERS',
    'Clip',
    'ConversionSummary',
    'CrossGraphDataset',
    'EstimatedPoses',
    'LengthGroupedBatchSampler',
    'NobodyError',
    'PairedPoseDataset',
    'PersonTracker',
    'TENSORS',
    'TwoViewsDataset',
    'check_clip',
    'class_names',
    'in_two',
    'innermost',
    'load_annotations',
    'item_to_classify',
    'make_item',
    'parts_of',
    'read_pickle',
    'read_shard',
    'require_file',
    'run_converter',
    'save_annotations',
    'shows_nobody',
    *_transforms,
]
