"""Reading configs, and filling in what a distillation leaves out because it follows."""

import copy
from pathlib import Path

from mmengine.config import Config

from partkd.layouts import PART_NAMES

from .configs import innermost_dataset, student_config
from .distillation import frozen_teacher


def load_config(config: str | Path | Config, options: dict | None = None) -> Config:
    """Read a config.

    Of a distillation is filled in what it does not say:

    - ``train_dataloader.dataset.teacher``, the high-quality side of the pairs: file, layout and
      data root of the teacher's own training set, in the pipeline of its own test set;
    - ``in_channels`` and ``out_channels`` of ``model.adapter``: the widths of the part features of
      student and teacher.

    Args:
        config (str | Path | Config): A file, or a config, which is copied.
        options (dict, optional): Settings to override, by dotted key. Defaults to None.

    Returns:
        Config: A config of its own, free to be changed.

    Raises:
        FileNotFoundError: If there is no such file, or no config of the teacher.
        ValueError: If options give another teacher to a config that was filled in before.
    """
    before = _teacher_config(config) if isinstance(config, Config) else None
    cfg = _read(config, options)
    source = _teacher_config(cfg)
    if before not in (None, source):
        raise ValueError(
            f'options give the teacher {source} in the place of {before}, of which other settings '
            'follow: write a config of its own, with _base_ and the other teacher'
        )
    if source is not None:
        _fill_in(cfg, load_config(source))
    return cfg


def load_student_config(config: str | Path | Config, options: dict | None = None) -> Config:
    """Read the config that a student is tested, published and exported with.

    Args:
        config (str | Path | Config): Of a plain recogniser, or of a distillation, of whose teacher
            no file is read.
        options (dict, optional): Settings to override, by dotted key. Defaults to None.

    Returns:
        Config: See :func:`student_config`.

    Raises:
        FileNotFoundError: If there is no such file.
    """
    return student_config(_read(config, options))


def _read(config: str | Path | Config, options: dict | None) -> Config:
    if isinstance(config, Config):
        cfg = copy.deepcopy(config)
    elif Path(config).is_file():
        cfg = Config.fromfile(config)
    else:
        raise FileNotFoundError(f'there is no config {config}: check the path')
    cfg.merge_from_dict(options or {})
    return cfg


def _teacher_config(cfg: Config) -> str | None:
    """The file of a distillation's teacher."""
    if (cfg.get('model') or {}).get('type') != 'KDRecognizer':
        return None
    return frozen_teacher(cfg.model).get('config')


def _fill_in(cfg: Config, teacher: Config) -> None:
    if cfg.get('train_dataloader'):
        dataset = innermost_dataset(cfg.train_dataloader['dataset'])
        if 'ann_file' in dataset:  # not one of several, as ConcatDataset joins
            dataset['teacher'] = _high_quality_side(teacher) | (dataset.get('teacher') or {})
    if cfg.model.get('adapter'):
        widths = dict(
            in_channels=part_channels(cfg.model['student']),
            out_channels=part_channels(teacher.model),
        )
        cfg.model['adapter'] = widths | cfg.model['adapter']


def _high_quality_side(teacher: Config) -> dict:
    """``teacher`` of a :class:`PairedPoseDataset`: the clips of a teacher, as it sees them."""
    trained = innermost_dataset(teacher.train_dataloader['dataset'])
    tested = innermost_dataset(teacher.test_dataloader['dataset'])
    side = {key: trained[key] for key in ('data_root', 'ann_file', 'layout') if key in trained}
    return side | dict(pipeline=tested['pipeline'])


def part_channels(model: dict) -> int:
    """The width of a recogniser's part features.

    Args:
        model (dict): Config of a ``SkeletonRecognizer``.

    Returns:
        int: C of ``parts`` (N, 5, C), from what the head takes.
    """
    head = model['cls_head']
    if head.get('reads', 'pooled') == 'pooled':
        return head['in_channels']
    num_segments = (model.get('neck') or {}).get('num_segments', 1)
    return head['in_channels'] // (num_segments * len(PART_NAMES))
