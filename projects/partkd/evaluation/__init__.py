"""Records of runs, their statistics, and the report made of them."""

from .environment import environment, git_commit
from .report import merged_report, report
from .results import Results, Run
from .statistics import Summary, gap_recovered, paired_differences, summarise

__all__ = [
    'Results',
    'Run',
    'Summary',
    'environment',
    'gap_recovered',
    'git_commit',
    'merged_report',
    'paired_differences',
    'report',
    'summarise',
]
