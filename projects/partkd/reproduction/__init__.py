"""The paper's tables as data: what rows need and cost, our figures beside the paper's."""

from .cluster import run_on_cluster
from .composing import job_config, side_config
from .figures import Figure, make_figure
from .jobs import Cell, Job, Plan, make_plan
from .missing_data import MissingFile, describe_missing, missing_files
from .pages import describe_plan, report, write_report
from .tables import Backbone, Column, DataSet, Row, Skeletons, Table, read_table

__all__ = [
    'Backbone',
    'Cell',
    'Column',
    'DataSet',
    'Figure',
    'Job',
    'MissingFile',
    'Plan',
    'Row',
    'Skeletons',
    'Table',
    'describe_missing',
    'describe_plan',
    'job_config',
    'make_figure',
    'make_plan',
    'missing_files',
    'read_table',
    'report',
    'run_on_cluster',
    'side_config',
    'write_report',
]
