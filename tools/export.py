"""Export a model: ``python tools/export.py CONFIG CHECKPOINT OUT.onnx``."""

import argparse

from partkd.apis import export
from partkd.configuration import one_line_errors


@one_line_errors()
def main() -> None:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(
        description='Write a recogniser, or the student of a distillation, as an ONNX file, or '
        'as a program of torch.export'
    )
    parser.add_argument('config', help='the config that it was trained with')
    parser.add_argument('checkpoint', help='the checkpoint')
    parser.add_argument('out', help='file to write, .onnx, or .pt2 for torch.export')
    parser.add_argument(
        '--int8',
        type=int,
        nargs='?',
        const=128,
        metavar='CLIPS',
        help='compute in eight bits, with ranges from so many training clips (default: 128)',
    )
    parser.add_argument(
        '--winograd',
        action='store_true',
        help='fewer multiplications in wide convolutions over time: faster on one thread',
    )
    args = parser.parse_args()
    print(f'wrote {export(**vars(args))}')


if __name__ == '__main__':
    main()
