"""Film what a model recognises: ``python tools/demo.py student.onnx video.mp4 film.mp4``."""

import argparse

from partkd.apis import demo
from partkd.configuration import one_line_errors
from partkd.poses import read_estimator


@one_line_errors('what was seen until then is written')
def main() -> None:
    """Parse the command line, and film."""
    parser = argparse.ArgumentParser(
        description='Write a video with skeletons and what each person does, and beside it a table '
        'and a picture of what was done when'
    )
    parser.add_argument('model', help='exported (.onnx) or published (.pth) file, or a config')
    parser.add_argument('source', help='video, or the number of a camera')
    parser.add_argument('out', help='film to write, .mp4')
    parser.add_argument('--checkpoint', help='of a config')
    parser.add_argument('--device', help='such as cuda:0 (default: a GPU where there is one)')
    parser.add_argument('--estimator', type=read_estimator, default='blazepose')
    parser.add_argument('--window', type=int, default=64, help='frames of a label (default: 64)')
    parser.add_argument('--stride', type=int, default=8, help='frames between labels (default: 8)')
    parser.add_argument('--smoothing', type=float, default=0.0, help='in [0, 1) (default: 0)')
    parser.add_argument(
        '--part-matrix', metavar='FOLDER', help='of a teacher: parts that matter less are paler'
    )
    parser.add_argument('--max-frames', type=int, help='end after so many')
    args = parser.parse_args()
    spans = demo(
        args.model,
        int(args.source) if args.source.isdecimal() else args.source,
        args.out,
        args.estimator,
        weights=args.checkpoint,
        device=args.device,
        window=args.window,
        stride=args.stride,
        smoothing=args.smoothing,
        part_matrix=args.part_matrix,
        max_frames=args.max_frames,
    )
    print(f'wrote {args.out}: {len(spans)} stretches of time')


if __name__ == '__main__':
    main()
