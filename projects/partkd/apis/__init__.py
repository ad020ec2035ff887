"""One call for each thing there is to do: train, test, distil, publish, export, ..."""

from partkd.configuration import load_config, set_occlusion, student_config

from .build_teacher_files import build_teacher_files
from .demo import demo
from .distill import distill
from .export import export
from .extract_poses import extract_poses
from .fuse import fuse
from .pictures import pictures
from .predict import predict
from .publish import publish
from .reproduce import ReproduceError, reproduce
from .retrieve import retrieve
from .robustness import robustness
from .sweep import SweepError, sweep
from .test import test
from .train import train
from .web import web

__all__ = [
    'ReproduceError',
    'SweepError',
    'build_teacher_files',
    'demo',
    'distill',
    'export',
    'extract_poses',
    'fuse',
    'load_config',
    'pictures',
    'predict',
    'publish',
    'reproduce',
    'retrieve',
    'robustness',
    'set_occlusion',
    'student_config',
    'sweep',
    'test',
    'train',
    'web',
]
