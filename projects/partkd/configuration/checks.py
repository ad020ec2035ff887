"""What in a config contradicts itself is said before anything is built."""

import copy
import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path

from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch.utils.data import DataLoader

from partkd.arguments import Whole, require
from partkd.datasets import require_file
from partkd.messages import shown

from .components import check_components
from .configs import SPLITS, datasets_inside, innermost_dataset
from .nearest import nearest

# What a dataloader is built of: torch's arguments, and one of mmengine's.
_OF_LOADERS = {*inspect.signature(DataLoader).parameters, 'num_batch_per_epoch'}
_READ_LABELS = (
    'SkeletonRecognizer',
    'CrossGraphRecognizer',
    'PredictiveRecognizer',
    'RichlyActivatedRecognizer',
    'KDRecognizer',
    'AccMetric',
    'ConfusionMatrix',
    'ClassOutcomes',
)


def check_training(cfg: Config) -> None:
    """Refuse a config with all its faults that can be seen before anything is built.

    Args:
        cfg (Config): Of a training, whose validation is dropped if it is not wanted.

    Raises:
        FileNotFoundError: If an annotation file is missing, and nothing else is wrong.
        ValueError: With one line for each fault.
    """
    splits = ('train', 'val')
    checks: tuple[Callable[[], None], ...] = (
        lambda: check_num_classes(cfg),
        lambda: check_labels(cfg, splits),
        lambda: check_schedule(cfg),
        lambda: check_loaders(cfg, splits),
        lambda: check_streams(cfg),
        lambda: check_components(cfg, splits),
        *(partial(require_file, file) for file in annotation_files(cfg, splits)),
    )
    faults: list[Exception] = []
    for check in checks:
        try:
            check()
        except (ValueError, FileNotFoundError) as error:
            faults.append(error)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        lines = ''.join(f'\n- {fault}' for fault in faults)
        raise ValueError(f'{cfg.filename or "the config"} has {len(faults)} faults:{lines}')


def check_loaders(cfg: Config, splits: tuple[str, ...]) -> None:
    """Refuse settings of dataloaders that there are not.

    Args:
        cfg (Config): The config.
        splits (tuple[str, ...]): The splits that are used.

    Raises:
        ValueError: Naming all of them, and the nearest that there are.
    """
    faults = [
        f'there is no {split}_dataloader.{key}{nearest(key, _OF_LOADERS)}'
        for split in splits
        for key in cfg.get(f'{split}_dataloader') or {}
        if key not in _OF_LOADERS
    ]
    if faults:
        raise ValueError('; '.join(faults))


def check_streams(cfg: Config) -> None:
    """Refuse a training on one stream and a test on another, whose channels may be as many.

    Args:
        cfg (Config): Of a training.

    Raises:
        ValueError: Naming the splits, and what each of them sees.
    """
    training = _streams(cfg, 'train')
    for split in ('val', 'test'):
        for streams in _streams(cfg, split):
            if training and streams != training[0]:
                raise ValueError(
                    f'{cfg.filename or "the config"}: SkeletonStreams has {shown(training[0])} in '
                    f'the pipeline of train_dataloader and {shown(streams)} in that of '
                    f'{split}_dataloader: give all of them the same'
                )


def _streams(cfg: Config, split: str) -> list[dict]:
    """The arguments of a split's :class:`SkeletonStreams`."""
    steps = [step for data in _datasets(cfg, (split,)) for step in data.get('pipeline') or ()]
    return [
        dict(streams=list(step.get('streams', ['joint'])), with_score=step.get('with_score', False))
        for step in steps
        if isinstance(step, dict) and step.get('type') == 'SkeletonStreams'
    ]


def annotation_files(cfg: Config, splits: tuple[str, ...]) -> list[Path]:
    """The files that the data sets of a config read, those of teachers among them.

    Args:
        cfg (Config): The config.
        splits (tuple[str, ...]): The splits that are used.

    Returns:
        list[Path]: Each once.
    """
    files = []
    for dataset in _datasets(cfg, splits):
        sides = [dataset, dataset.get('teacher') or {}]
        root = dataset.get('data_root') or ''
        files += [Path(root, side['ann_file']) for side in sides if side.get('ann_file')]
    return list(dict.fromkeys(files))


def _datasets(cfg: Config, splits: tuple[str, ...]) -> list[dict]:
    loaders = [cfg.get(f'{split}_dataloader') for split in splits]
    return [one for loader in loaders if loader for one in datasets_inside(loader['dataset'])]


def check_num_classes(cfg: Config) -> None:
    """Refuse labels that the classifier has no output for.

    Args:
        cfg (Config): Of a training.

    Raises:
        ValueError: Naming both settings.
    """
    key = 'model.student' if cfg.model['type'] == 'KDRecognizer' else 'model'
    model = cfg.model.get('student', cfg.model)
    outputs = (model.get('cls_head') or {}).get('num_classes')
    require(cfg.get('train_dataloader'), dict, f'{cfg.filename or "the config"}: train_dataloader')
    labels = innermost_dataset(cfg.train_dataloader['dataset']).get('num_classes')
    if outputs and labels and labels > outputs:
        raise ValueError(
            f'{cfg.filename or "the config"}: train_dataloader.dataset.num_classes is {labels} and '
            f'{key}.cls_head.num_classes is {outputs}: give the classifier as many as the data'
        )


def check_labels(cfg: Config, splits: tuple[str, ...] = SPLITS) -> None:
    """Refuse a split whose clips may be without labels where all of these are read.

    Args:
        cfg (Config): Of a training or a test.
        splits (tuple[str, ...]): The splits that are used. Defaults to all three.

    Raises:
        ValueError: Naming the setting, and who reads the labels.
    """
    for split in splits:
        loader = cfg.get(f'{split}_dataloader')
        if not loader or innermost_dataset(loader['dataset']).get('require_labels', True):
            continue
        if split == 'train':
            readers, others = [cfg.model['type']], 'train a model that needs none'
        else:
            evaluator = cfg.get(f'{split}_evaluator') or []
            metrics = evaluator if isinstance(evaluator, list | tuple) else [evaluator]
            readers = [metric['type'] for metric in metrics]
            others = f'set {split}_evaluator=[]'
        if found := [kind for kind in readers if kind in _READ_LABELS]:
            raise ValueError(
                f'{cfg.filename or "the config"}: {split}_dataloader.dataset.require_labels is '
                f'False, and {found[0]} reads the label of every clip: leave the setting out, or '
                + others
            )


def check_schedule(cfg: Config) -> None:
    """Refuse a one-cycle learning rate that is not planned for as many epochs as there are.

    Without ``total_steps`` it ends with the training.

    Args:
        cfg (Config): Of a training.

    Raises:
        ValueError: Naming both settings.
    """
    epochs = (cfg.get('train_cfg') or {}).get('max_epochs')
    schedulers = cfg.get('param_scheduler') or []
    schedulers = [schedulers] if isinstance(schedulers, dict) else schedulers
    for number, scheduler in enumerate(schedulers):
        steps = scheduler.get('total_steps')
        counts_epochs = scheduler.get('type') == 'OneCycleLR' and scheduler.get('by_epoch', True)
        if not counts_epochs or None in (epochs, steps):
            continue
        require(steps, Whole, f'param_scheduler.{number}.total_steps')
        time = min(scheduler.get('end', epochs), epochs) - scheduler.get('begin', 0)
        if time != steps:
            raise ValueError(
                f'{cfg.filename or "the config"}: with train_cfg.max_epochs={epochs} '
                f'param_scheduler.{number} has {time} epochs, and its total_steps is {steps}: '
                'leave total_steps out, so that the learning rate ends where the training does'
            )


def check_buildable(cfg: Config) -> None:
    """Build the model, long before it is needed.

    Args:
        cfg (Config): Of a training.

    Raises:
        ValueError: Naming the config, and why its model cannot be built.
    """
    with DefaultScope.overwrite_default_scope(cfg.get('default_scope', 'mmaction')):
        try:
            MODELS.build(copy.deepcopy(cfg.model))
        except Exception as error:  # of a model of any package
            raise ValueError(
                f'{cfg.filename or "the config"}: its model cannot be built: {error}'
            ) from error
