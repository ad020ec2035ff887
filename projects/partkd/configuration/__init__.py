"""Configs: read, checked, and changed in the few ways that several verbs need."""

from .checks import (
    check_buildable,
    check_labels,
    check_num_classes,
    check_schedule,
    check_streams,
    check_training,
)
from .command_line import KeyValueAction, add_config_options, add_launcher, one_line_errors
from .components import check_components
from .configs import (
    SPLITS,
    build_dataset,
    datasets_inside,
    drop_validation,
    innermost_dataset,
    load_config,
    set_occlusion,
    set_seed,
    set_work_dir,
    student_config,
)
from .counted_settings import canonical, counted_settings
from .degradations import (
    DEGRADATIONS,
    add_behind_degradations,
    add_degradation,
    describe_degradations,
    read_degradation,
    set_condition,
)
from .deployment import (
    deployed_classes,
    deployed_pipeline,
    require_registered,
    stored_config,
)
from .distillation import (
    feature_bank,
    features_of_bank,
    features_of_losses,
    frozen_teacher,
    part_matrices,
    reads_pairs,
    teacher_files_settings,
)
from .from_teacher import fill_in_from_teacher, part_channels
from .log_backends import log_to_backends
from .nearest import nearest
from .pair import pair_config
from .published_figures import PublishedFigures, read_published
from .yaml_files import read_yaml

__all__ = [
    'DEGRADATIONS',
    'SPLITS',
    'KeyValueAction',
    'PublishedFigures',
    'add_behind_degradations',
    'add_config_options',
    'add_degradation',
    'add_launcher',
    'build_dataset',
    'canonical',
    'check_buildable',
    'check_components',
    'check_labels',
    'check_num_classes',
    'check_schedule',
    'check_streams',
    'check_training',
    'counted_settings',
    'deployed_classes',
    'deployed_pipeline',
    'datasets_inside',
    'describe_degradations',
    'drop_validation',
    'feature_bank',
    'fill_in_from_teacher',
    'features_of_bank',
    'features_of_losses',
    'teacher_files_settings',
    'frozen_teacher',
    'innermost_dataset',
    'load_config',
    'log_to_backends',
    'nearest',
    'one_line_errors',
    'pair_config',
    'part_channels',
    'part_matrices',
    'read_degradation',
    'read_published',
    'read_yaml',
    'reads_pairs',
    'require_registered',
    'set_condition',
    'set_occlusion',
    'set_seed',
    'set_work_dir',
    'stored_config',
    'student_config',
]
