"""What a skeleton is: pose graphs as data."""

from .joint_map import named_map
from .naming import PART_NAMES
from .pose_layout import PoseLayout
from .registry import LAYOUTS, get_layout, layout_names

__all__ = ['LAYOUTS', 'PART_NAMES', 'PoseLayout', 'get_layout', 'layout_names', 'named_map']
