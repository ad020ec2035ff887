"""From publishers' files to annotation pickles: one converter a data set, one way for all."""

from . import (
    estimators,
    mpose2021,
    msr_action3d,
    ntu_rgbd,
    nw_ucla,
    penn_action,
    pku_mmd,
    sysu_3d_hoi,
    toyota_smarthome,
    uav_human,
    ui_prmd,
    ut_kinect,
    utd_mhad,
)
from .conversion import (
    convert,
    converter_list,
    converter_names,
    make_converter,
    read_shard,
    run_converter,
)
from .converter import (
    CONVERTERS,
    Clip,
    Converter,
    in_two,
    is_in,
    is_not_in,
    make_annotation,
)
from .estimated_poses import EstimatedPoses, NobodyError
from .person_tracks import PersonTracker
from .summary import ConversionSummary

__all__ = [
    'CONVERTERS',
    'Clip',
    'Converter',
    'EstimatedPoses',
    'NobodyError',
    'PersonTracker',
    'ConversionSummary',
    'convert',
    'converter_list',
    'converter_names',
    'make_converter',
    'read_shard',
    'run_converter',
    'estimators',
    'in_two',
    'is_in',
    'is_not_in',
    'make_annotation',
    'mpose2021',
    'msr_action3d',
    'ntu_rgbd',
    'nw_ucla',
    'penn_action',
    'pku_mmd',
    'sysu_3d_hoi',
    'toyota_smarthome',
    'uav_human',
    'ui_prmd',
    'ut_kinect',
    'utd_mhad',
]
