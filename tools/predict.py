"""Recognise clips: ``python tools/predict.py student.onnx clips.pkl --out predictions.csv``."""

import argparse
import sys

from partkd.apis import predict
from partkd.configuration import one_line_errors
from partkd.poses import read_estimator


@one_line_errors()
def main() -> None:
    """Parse the command line, and recognise."""
    parser = argparse.ArgumentParser(
        description='Recognise the actions of clips, which need no labels. What is bad gets a row '
        'that says why, and the status is then 1'
    )
    parser.add_argument('model', help='exported (.onnx) or published (.pth) file, or a config')
    parser.add_argument(
        'inputs', nargs='+', metavar='INPUT', help='annotation files, videos, files of poses'
    )
    parser.add_argument('--out', required=True, help='file to write, .csv or .json')
    parser.add_argument('--checkpoint', help='of a config')
    parser.add_argument('--device', help='such as cuda:0 (default: a GPU where there is one)')
    parser.add_argument('--estimator', type=read_estimator, help='of videos, such as blazepose')
    parser.add_argument(
        '--poses', metavar='NAME', help='who wrote files of poses, such as openpose'
    )
    parser.add_argument(
        '--img-shape',
        nargs=2,
        type=int,
        metavar=('HEIGHT', 'WIDTH'),
        help='of pictures, where clips do not say it',
    )
    parser.add_argument('--topk', type=int, default=5, help='classes in JSON (default: 5)')
    parser.add_argument('--pictures', metavar='FOLDER', help='draw the clips there')
    parser.add_argument('--timeline', metavar='FOLDER', help='write what is done when there')
    parser.add_argument(
        '--window', type=int, default=64, help='of --timeline, frames (default: 64)'
    )
    parser.add_argument('--stride', type=int, help='frames between labels (default: all)')
    parser.add_argument('--smoothing', type=float, default=0.0, help='in [0, 1) (default: 0)')
    args = parser.parse_args()
    predictions = predict(
        args.model,
        args.inputs,
        args.out,
        weights=args.checkpoint,
        device=args.device,
        estimator=args.estimator,
        poses=args.poses,
        img_shape=args.img_shape,
        topk=args.topk,
        picture_folder=args.pictures,
        timeline_folder=args.timeline,
        window=args.window,
        stride=args.stride,
        smoothing=args.smoothing,
    )
    bad = sum(bool(one['fault']) for one in predictions)
    print(f'wrote {args.out}: {len(predictions) - bad} recognised, {bad} left out')
    sys.exit(int(bad > 0))


if __name__ == '__main__':
    main()
