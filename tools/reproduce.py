"""The paper's tables: ``python tools/reproduce.py table1 --data ROOT``."""

import argparse

from partkd.apis import reproduce
from partkd.configuration import KeyValueAction, add_config_options, one_line_errors


@one_line_errors('the same command goes on')
def main() -> None:
    """Parse the command line and reproduce."""
    parser = argparse.ArgumentParser(
        description="Run what is missing of rows of the paper's tables, and set our figures beside "
        "the paper's. Interrupted, the same command goes on"
    )
    parser.add_argument('table', metavar='TABLE', help='table1 to table5, or a file')
    parser.add_argument('rows', metavar='ROW', nargs='*', help='only these rows')
    parser.add_argument('--data', required=True, metavar='ROOT', help='folder of all data')
    parser.add_argument('--dry-run', action='store_true', help='list the runs and what they cost')
    parser.add_argument('--seeds', type=int, nargs='+', help="instead of the table's")
    parser.add_argument('--splits', type=int, metavar='N', help='the first N of many splits')
    parser.add_argument('--work-dir', default='work_dirs/reproduce', help='where all of it goes')
    parser.add_argument(
        '--cluster',
        choices=['slurm', 'local'],
        help='hand the runs over, through submitit: to SLURM, or all at once to this machine',
    )
    parser.add_argument(
        '--cluster-options',
        nargs='+',
        action=KeyValueAction,
        metavar='KEY=VALUE',
        help="of submitit's jobs: timeout_min=600 gpus_per_node=1 slurm_partition=gpu",
    )
    add_config_options(parser)
    args = parser.parse_args()
    reproduce(
        args.table,
        args.data,
        rows=args.rows,
        seeds=args.seeds,
        splits=args.splits,
        work_dir=args.work_dir,
        cluster=args.cluster,
        cluster_options=args.cluster_options,
        dry_run=args.dry_run,
        options=args.cfg_options,
    )


if __name__ == '__main__':
    main()
