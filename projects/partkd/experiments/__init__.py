"""Many trainings from one config: recipes, chains of steps that resume, folds, grids."""

from .chain import Chain
from .fair_comparison import check_clips
from .finished import Finished
from .folds import Fold, make_folds, training_split_as_test
from .grid import read_grid
from .parallel import run_in_processes
from .pictures import LeftOutError, Picture, Pictures
from .preparation import inside_checkout, new_results, prepare
from .progress import Progress, chain_logger
from .recipe import Recipe, TeacherFiles
from .steps import Step
from .teacher_files import draw_matrix, make_teacher_files
from .training import train_and_test

__all__ = [
    'Chain',
    'Finished',
    'Fold',
    'LeftOutError',
    'Picture',
    'Pictures',
    'Progress',
    'Recipe',
    'Step',
    'TeacherFiles',
    'chain_logger',
    'draw_matrix',
    'make_teacher_files',
    'train_and_test',
    'check_clips',
    'inside_checkout',
    'make_folds',
    'new_results',
    'prepare',
    'read_grid',
    'training_split_as_test',
    'run_in_processes',
]
