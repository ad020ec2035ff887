"""Annotation pickles: read without running anything in them, and checked clip by clip."""

from .annotation_file import load_annotations, require_file, save_annotations, select_split
from .bad_clips import ON_BAD_CLIP, find_bad_clips, settle_bad_clips
from .clip_checks import check_clip, name_of, visible_joints
from .clip_names import NameIndex, decode_names, encode_names
from .clips import Clips, ListedClips
from .restricted_pickle import RefusedGlobalError, restricted_load

__all__ = [
    'ON_BAD_CLIP',
    'Clips',
    'ListedClips',
    'NameIndex',
    'RefusedGlobalError',
    'check_clip',
    'decode_names',
    'encode_names',
    'find_bad_clips',
    'load_annotations',
    'name_of',
    'require_file',
    'restricted_load',
    'save_annotations',
    'select_split',
    'settle_bad_clips',
    'visible_joints',
]
