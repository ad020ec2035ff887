"""Publish a model: ``python tools/publish.py CONFIG CHECKPOINT OUT``."""

import argparse

from partkd.apis import publish
from partkd.configuration import one_line_errors


@one_line_errors()
def main() -> None:
    """Parse the command line and publish."""
    parser = argparse.ArgumentParser(
        description="Write a distilled student as a plain recogniser's checkpoint"
    )
    parser.add_argument('config', help='the config that it was trained with')
    parser.add_argument('checkpoint', help='the checkpoint')
    parser.add_argument('out', help='file to write; the start of its SHA-256 is added to the name')
    args = parser.parse_args()
    print(f'wrote {publish(args.config, args.checkpoint, args.out)}')


if __name__ == '__main__':
    main()
