"""Train a model: ``python tools/train.py CONFIG``."""

import argparse

from partkd.apis import train
from partkd.configuration import add_config_options, add_launcher, one_line_errors


@one_line_errors('add --resume to the same command')
def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(description='Train a recogniser, plain or distilled')
    parser.add_argument('config', help='the config')
    parser.add_argument('--work-dir', help='where logs and checkpoints go')
    parser.add_argument(
        '--resume',
        nargs='?',
        const=True,
        default=False,
        metavar='CHECKPOINT',
        help='go on from a checkpoint; without one, from the last in the work directory, if any',
    )
    parser.add_argument('--amp', action='store_true', help='train in bfloat16')
    parser.add_argument('--compile', action='store_true', help='compile the training step')
    parser.add_argument('--no-validate', action='store_true', help='do not validate')
    parser.add_argument(
        '--auto-scale-lr', action='store_true', help='scale the learning rate to the batch size'
    )
    parser.add_argument('--seed', type=int, help='random seed')
    parser.add_argument('--deterministic', action='store_true', help='make cuDNN deterministic')
    parser.add_argument(
        '--log-to',
        nargs='+',
        default=[],
        choices=['tensorboard', 'wandb'],
        help='where losses and figures go beside the work directory; install it first',
    )
    parser.add_argument(
        '--degrade',
        nargs='+',
        default=[],
        metavar='NAME[:KEY=VALUE,...]',
        help='degrade the input in training and validation, by one after the other; '
        'tools/robustness.py --help names them',
    )
    add_config_options(parser)
    add_launcher(parser)
    args = parser.parse_args()
    train(
        args.config,
        work_dir=args.work_dir,
        resume=args.resume,
        amp=args.amp,
        compile=args.compile,
        validate=not args.no_validate,
        auto_scale_lr=args.auto_scale_lr,
        seed=args.seed,
        deterministic=args.deterministic,
        launcher=args.launcher,
        options=args.cfg_options,
        log_to=args.log_to,
        degrade=args.degrade,
    )


if __name__ == '__main__':
    main()
