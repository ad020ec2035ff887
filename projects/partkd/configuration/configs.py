"""Reading configs, and the few changes that several tools make to them."""

import copy
from pathlib import Path
from typing import Any

from mmaction.registry import DATASETS
from mmengine.config import Config
from mmengine.registry import DefaultScope

from partkd.arguments import Seed, require
from partkd.datasets import PairedPoseDataset
from partkd.files import make_folder
from partkd.messages import shown

from .options import check_options
from .setting_types import check_settings

SPLITS = ('train', 'val', 'test')
TEACHER_SIDE = ('teacher', 'load_teacher', 'paired_fraction', 'pair_seed', 'keep_solitary')


def load_config(config: str | Path | Config, options: dict | None = None) -> Config:
    """Read a config.

    Args:
        config (str | Path | Config): A file, or a config, which is copied.
        options (dict, optional): Settings to override, by dotted key. Defaults to None.

    Returns:
        Config: A config of its own, free to be changed.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it cannot be read, or a setting, or an option of one, cannot be what it is.
    """
    require(config, str | Path | Config, 'config')
    if isinstance(config, Config):
        cfg = copy.deepcopy(config)
    elif Path(config).is_file():
        cfg = _read(config)
    else:
        raise FileNotFoundError(f'there is no config {config}: check the path')
    check_options(cfg, options or {})
    try:
        cfg.merge_from_dict(options or {})
    except Exception as error:  # of a dotted key into something that has no keys
        raise ValueError(f'options {shown(options)} do not fit {cfg.filename}: {error}') from error
    check_settings(cfg)
    return cfg


def _read(config: str | Path) -> Config:
    """Run the file, in which anything may be wrong."""
    try:
        return Config.fromfile(config)
    except Exception as error:
        said = f'{type(error).__name__}: {error}'
        wrong = _unreadable(Path(config))
        of = '' if wrong == Path(config) else f', a _base_ of {config},'
        raise ValueError(f'the config {wrong}{of} cannot be read ({said})') from error


def _unreadable(config: Path) -> Path:
    """The file itself, or the one of its bases that cannot be read by itself."""
    try:
        bases = [config.parent / base for base in Config._get_base_files(str(config))]
    except Exception:  # its own syntax
        return config
    for base in bases:
        try:
            Config.fromfile(base)
        except Exception:
            return _unreadable(base)
    return config


def set_work_dir(cfg: Config, work_dir: str | Path | None) -> None:
    """Decide where results go: what was asked for, the config's own, or ``work_dirs/<config>``; and
    make that folder.

    Args:
        cfg (Config): The config to set it in.
        work_dir (str | Path | None): What was asked for.
    """
    if work_dir is not None:
        cfg.work_dir = str(work_dir)
    elif cfg.get('work_dir') is None:
        cfg.work_dir = str(Path('work_dirs') / Path(cfg.filename or 'config').stem)
    make_folder(cfg.work_dir)


def set_seed(cfg: Config, seed: int | None, deterministic: bool = False) -> None:
    """Set the seed, and whether cuDNN has to be deterministic, where asked for.

    Args:
        cfg (Config): The config to set it in.
        seed (int | None): None leaves the config's own.
        deterministic (bool): False leaves the config's own. Defaults to False.
    """
    require(seed, Seed | None, 'seed')
    randomness: dict[str, Any] = dict(seed=None) | dict(cfg.get('randomness') or {})
    if seed is not None:
        randomness['seed'] = seed
    if deterministic:
        randomness['deterministic'] = True
    cfg.randomness = randomness


def drop_validation(cfg: Config) -> None:
    """Train without validation.

    Args:
        cfg (Config): The config to change.
    """
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None


def innermost_dataset(dataset: dict) -> dict:
    """The config of the dataset proper inside wrappers such as ``RepeatDataset``.

    Args:
        dataset (dict): Config of a dataset or a wrapper.

    Returns:
        dict: The innermost config; not a copy.
    """
    while 'dataset' in dataset:
        dataset = dataset['dataset']
    return dataset


def datasets_inside(dataset: dict) -> list[dict]:
    """The configs of the data sets proper inside wrappers, and inside those that join several.

    Args:
        dataset (dict): Config of a dataset or a wrapper.

    Returns:
        list[dict]: The innermost configs; no copies.
    """
    inner = innermost_dataset(dataset)
    if 'datasets' not in inner:
        return [inner]
    return [part for one in inner['datasets'] for part in datasets_inside(one)]


def build_dataset(dataset: dict) -> PairedPoseDataset:
    """Build a dataset outside of a runner.

    Args:
        dataset (dict): Its config.

    Returns:
        PairedPoseDataset: The dataset.

    Raises:
        ValueError: If it is of another kind, or bad.
    """
    with DefaultScope.overwrite_default_scope('mmaction'):
        built = DATASETS.build(dataset)
    if not isinstance(built, PairedPoseDataset):
        raise ValueError(
            f'a recipe knows the clips of one PairedPoseDataset, not of a {type(built).__name__}: '
            'join the annotation files into one'
        )
    return built


def set_occlusion(
    cfg: Config, prob: float, scope: str = 'frame', splits: tuple[str, ...] = SPLITS
) -> None:
    """Occlude the student's input, as the method's degradation does.

    Args:
        cfg (Config): The config, whose pipelines hold a ``JointOcclusion`` each.
        prob (float): Probability that a joint is occluded, in [0, 1].
        scope (str): What is drawn: ``'frame'``, ``'clip'`` or ``'part'``. Defaults to ``'frame'``.
        splits (tuple[str, ...]): Of ``'train'``, ``'val'`` and ``'test'``, those to change; one
            without a dataloader is passed over. Defaults to all three.

    Raises:
        ValueError: If a pipeline has no ``JointOcclusion``.
    """
    for split in splits:
        loader = cfg.get(f'{split}_dataloader')
        if loader is None:
            continue
        for dataset in datasets_inside(loader['dataset']):
            pipeline = dataset.get('pipeline') or ()
            found = [step for step in pipeline if step['type'] == 'JointOcclusion']
            if not found:
                raise ValueError(
                    f'the pipeline of {split}_dataloader has no JointOcclusion, so nothing can be '
                    "occluded: add dict(type='JointOcclusion', prob=0.) after normalisation and "
                    'before SkeletonStreams'
                )
            for step in found:
                step.update(prob=prob, scope=scope)


def student_config(cfg: Config) -> Config:
    """The config that trains and tests a student alone.

    Args:
        cfg (Config): Of a distillation; that of a plain recogniser is copied as it is.

    Returns:
        Config: A copy whose model is the student and whose data needs no teacher.
    """
    cfg = copy.deepcopy(cfg)
    if cfg.model['type'] != 'KDRecognizer':
        return cfg
    cfg.model = cfg.model['student']
    for split in SPLITS:
        loader = cfg.get(f'{split}_dataloader')
        for key in TEACHER_SIDE if loader else ():
            innermost_dataset(loader['dataset']).pop(key, None)
    return cfg
