from .arrays import recorded_fingerprint
from .build import compute_teacher_files, matrix_settings
from .feature_bank import FeatureBank
from .frozen_teacher import FrozenTeacher, as_list
from .imported_code import imported_code
from .part_matrix import PartMatrix, part_importance, part_weights
from .teacher_fingerprint import FingerprintError, check_fingerprint, teacher_fingerprint
from .weights_digest import weights_digest

__all__ = [
    'FeatureBank',
    'FingerprintError',
    'FrozenTeacher',
    'PartMatrix',
    'as_list',
    'compute_teacher_files',
    'check_fingerprint',
    'imported_code',
    'matrix_settings',
    'part_importance',
    'part_weights',
    'recorded_fingerprint',
    'teacher_fingerprint',
    'weights_digest',
]
