"""Poses of videos to an annotation file: ``extract_poses.py VIDEOS OUT --estimator blazepose``."""

import argparse
import os
import sys

from partkd.apis import extract_poses
from partkd.configuration import one_line_errors
from partkd.poses import POSE_ESTIMATORS, read_estimator


def parse_args() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        description='Extract poses of videos. Interrupted, the same command goes on; videos that '
        'cannot be read are listed, and the status is 1 where there are any',
        epilog='An estimator is NAME, or NAME:key=value,key=value; size=PIXELS shrinks frames '
        f'first. There are {", ".join(sorted(POSE_ESTIMATORS.module_dict))}.',
    )
    parser.add_argument('videos', metavar='VIDEOS', help='folder of the videos, with folders in it')
    parser.add_argument(
        'out', metavar='OUT', help='annotation pickle; with --high and --low the folder of both'
    )
    parser.add_argument('--estimator', type=read_estimator, help='what finds the joints')
    parser.add_argument('--config', help='of the model, where --estimator is mmpose')
    parser.add_argument('--checkpoint', help='its weights')
    parser.add_argument('--high', type=read_estimator, help='the good one of two, for the teacher')
    parser.add_argument('--low', type=read_estimator, help='the poor one, for the student')
    parser.add_argument(
        '--labels', help="CSV (name or file, label, subject, split), mmaction2's list, or 'folders'"
    )
    parser.add_argument(
        '--test-subjects', nargs='+', default=[], metavar='SUBJECT', help='who is for test'
    )
    parser.add_argument('--persons', type=int, default=2, help='kept of a video (default: 2)')
    parser.add_argument(
        '--ignore',
        type=argparse.FileType(encoding='utf-8'),
        metavar='FILE',
        help='text file of videos to leave out, a name a line',
    )
    parser.add_argument('--processes', type=int, default=os.cpu_count() or 1, metavar='N')
    parser.add_argument(
        '--shard',
        type=_shard,
        metavar='K/N',
        help='the K-th of N shares, on one of N machines; in the end the same command without it',
    )
    args = parser.parse_args()
    if (args.estimator is None) == (args.high is None) or (args.high is None) != (args.low is None):
        parser.error('give --estimator, or both --high and --low')
    of_model = dict(config=args.config, checkpoint=args.checkpoint)
    if given := {key: value for key, value in of_model.items() if value is not None}:
        if args.estimator is None:
            parser.error('--config and --checkpoint are of --estimator; of --low=NAME:config=...')
        args.estimator |= given
    return args


def _shard(text: str) -> tuple[int, int]:
    number, _, count = text.partition('/')
    return int(number), int(count)


@one_line_errors('the same command goes on')
def main() -> None:
    """Extract, and say what was made."""
    args = parse_args()
    both = dict(high=args.high, low=args.low)
    summaries = extract_poses(
        args.videos,
        args.out,
        both if args.high else dict(one=args.estimator),
        labels=args.labels,
        test_subjects=args.test_subjects,
        persons=args.persons,
        ignore=[line.strip() for line in args.ignore] if args.ignore else [],
        processes=args.processes,
        shard=args.shard,
    )
    for summary in summaries.values():
        print(summary)
    sys.exit(int(any(summary.faults for summary in summaries.values())))


if __name__ == '__main__':
    main()
