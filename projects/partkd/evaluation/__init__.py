"""Records of runs, their statistics, and the report made of them."""

from .class_accuracy import class_accuracy
from .class_outcomes import MATRIX_FILE, PER_CLASS_FILE, ClassOutcomes
from .clip_outcomes import ClipOutcomes
from .clip_scores import ClipScores, align, load_scores, require_unseen
from .comparison import Comparison, Difference, Share
from .environment import environment, git_commit, in_words
from .fusion import figures, find_weights, fuse_scores
from .markdown import NOTHING, cell, table
from .principal_components import principal_components
from .record_checks import Condition
from .report import merged_report, report
from .results import METRIC, TEACHER, Outcomes, Results, Run
from .retrieval import neighbour_votes
from .run_description import SCOPES, environments_of
from .statistics import (
    Summary,
    gap_recovered,
    interval,
    paired_differences,
    resampled_means,
    share_interval,
    summarise,
)
from .together import together
from .written_files import describe_files

__all__ = [
    'MATRIX_FILE',
    'METRIC',
    'NOTHING',
    'PER_CLASS_FILE',
    'SCOPES',
    'TEACHER',
    'ClassOutcomes',
    'ClipOutcomes',
    'ClipScores',
    'Comparison',
    'Condition',
    'Difference',
    'Outcomes',
    'Results',
    'Run',
    'Share',
    'Summary',
    'align',
    'cell',
    'class_accuracy',
    'describe_files',
    'environment',
    'environments_of',
    'figures',
    'find_weights',
    'fuse_scores',
    'gap_recovered',
    'git_commit',
    'in_words',
    'interval',
    'load_scores',
    'merged_report',
    'neighbour_votes',
    'paired_differences',
    'principal_components',
    'report',
    'require_unseen',
    'resampled_means',
    'share_interval',
    'summarise',
    'table',
    'together',
]
