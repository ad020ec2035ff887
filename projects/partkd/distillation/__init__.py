from .artefact import FingerprintError, check_fingerprint, teacher_fingerprint
from .build import build_teacher_files, matrix_settings
from .digests import weights_digest
from .feature_bank import FeatureBank
from .frozen_teacher import FrozenTeacher, as_list
from .part_matrix import PartMatrix, part_importance, part_weights

__all__ = [
    'FeatureBank',
    'FingerprintError',
    'FrozenTeacher',
    'PartMatrix',
    'as_list',
    'build_teacher_files',
    'check_fingerprint',
    'matrix_settings',
    'part_importance',
    'part_weights',
    'teacher_fingerprint',
    'weights_digest',
]
