"""Command line arguments that several tools share."""

import argparse
import os

from mmengine.config import DictAction


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--cfg-options``, mmengine's way to override a config from the command line.

    Args:
        parser (argparse.ArgumentParser): The tool's parser.
    """
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='override settings of the config: key=value, nested keys with dots, lists as '
        'key="[a,b]" without white space',
    )


def add_launcher(parser: argparse.ArgumentParser) -> None:
    """Add ``--launcher`` and ``--local_rank``.

    Args:
        parser (argparse.ArgumentParser): The tool's parser.
    """
    parser.add_argument(
        '--launcher',
        choices=['none', 'pytorch', 'slurm', 'mpi'],
        default='none',
        help='what starts the processes of distributed training; dist_train.sh sets it',
    )
    parser.add_argument(
        '--local_rank',
        '--local-rank',
        type=_set_local_rank,
        help='set by launchers that do not set LOCAL_RANK',
    )


def _set_local_rank(rank: str) -> int:
    os.environ.setdefault('LOCAL_RANK', rank)
    return int(rank)
