"""A page in the browser: ``python tools/web.py work_dirs/demo``."""

import argparse

from partkd.apis import web
from partkd.configuration import one_line_errors
from partkd.poses import read_estimator


@one_line_errors()
def main() -> None:
    """Parse the command line, and serve until interrupted."""
    parser = argparse.ArgumentParser(
        description='Show in the browser what models see and say, also with joints hidden by hand'
    )
    parser.add_argument(
        'model', help='finished folder of tools/distill.py; or .onnx, .pth, or a config'
    )
    parser.add_argument('--checkpoint', help='of a config')
    parser.add_argument('--data', help='annotation file of clips to choose from, of one model')
    parser.add_argument('--estimator', type=read_estimator, help='of uploaded videos')
    parser.add_argument('--device', help='such as cuda:0 (default: a GPU where there is one)')
    parser.add_argument(
        '--host', default='127.0.0.1', help='0.0.0.0 lets other machines in (default: this alone)'
    )
    parser.add_argument('--port', type=int, default=7860)
    args = parser.parse_args()
    web(
        args.model,
        weights=args.checkpoint,
        data=args.data,
        estimator=args.estimator,
        device=args.device,
        host=args.host,
        port=args.port,
    )


if __name__ == '__main__':
    main()
