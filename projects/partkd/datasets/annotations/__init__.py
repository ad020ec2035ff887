"""Annotation pickles: read without running anything in them, and checked clip by clip."""

from .annotation_file import (
    class_names,
    load_annotations,
    require_file,
    save_annotations,
    select_split,
)
from .bad_clips import NUMBER, find_bad_clips, require_classes, settle_bad_clips
from .clip_checks import (
    MOST_CLASSES,
    check_clip,
    label_of,
    name_of,
    shows_nobody,
    visible_joints,
)
from .clip_names import NameIndex, decode_names, encode_names
from .clips import Clips, ListedClips
from .restricted_pickle import RefusedGlobalError, restricted_load
from .suspicions import suspicions
from .tensor_pickle import TENSORS
from .untrusted_pickle import read_pickle

__all__ = [
    'MOST_CLASSES',
    'NUMBER',
    'Clips',
    'ListedClips',
    'NameIndex',
    'RefusedGlobalError',
    'TENSORS',
    'check_clip',
    'class_names',
    'decode_names',
    'encode_names',
    'find_bad_clips',
    'label_of',
    'load_annotations',
    'name_of',
    'read_pickle',
    'require_classes',
    'require_file',
    'restricted_load',
    'save_annotations',
    'select_split',
    'settle_bad_clips',
    'shows_nobody',
    'suspicions',
    'visible_joints',
]
