"""What becomes of a config in a recipe."""

import copy
from pathlib import Path

from mmengine.config import Config

from partkd.configuration import (
    check_components,
    check_labels,
    check_num_classes,
    check_schedule,
    check_streams,
    datasets_inside,
    drop_validation,
    fill_in_from_teacher,
    innermost_dataset,
    load_config,
    reads_pairs,
    set_seed,
)
from partkd.distillation import matrix_settings

from .recipe_checks import check_teacher


def unfilled_config(cfg: Config, name: str, student: dict | None) -> Config:
    """A student's config: the recipe's or its own, with its options and losses.

    Args:
        cfg (Config): The recipe.
        name (str): Name of the student.
        student (dict | None): Its entry in ``distill.students``.

    Returns:
        Config: Files, condition and seed are not filled in yet.

    Raises:
        FileNotFoundError: If its own config, or its teacher's, is not there.
        ValueError: If it has losses of distillation and no teacher, a teacher without weights, or
            a part matrix of unknown settings.
    """
    student = student or {}
    if student.get('config'):
        cfg = Path(cfg.filename or '.').parent / student['config']
    cfg = load_config(cfg, student.get('options'))
    fill_in_from_teacher(cfg)
    losses, distilled = student.get('losses'), cfg.model['type'] == 'KDRecognizer'
    if losses and not distilled:
        raise ValueError(
            f'student {name!r} has losses of distillation, but its config {cfg.filename} has no '
            'teacher: leave them out, or give the config of a KDRecognizer'
        )
    if losses:
        cfg.model.losses = copy.deepcopy(losses)
    elif losses is not None and distilled:
        # The pairs stay joined, so that every student is trained on exactly the same clips.
        cfg.model = cfg.model['student']
        dataset = innermost_dataset(cfg.train_dataloader['dataset'])
        dataset['load_teacher'] = reads_pairs(cfg.model)
    if cfg.model['type'] == 'KDRecognizer':
        check_teacher(cfg)
        matrix_settings(cfg.get('distill', {}).get('part_matrix'))
    return cfg


def for_chain(cfg: Config, seed: int) -> Config:
    """A config that is seeded, tested once at the end instead of validated, and rid of all that
    is not its own.

    Args:
        cfg (Config): Of a teacher or a student; it is changed.
        seed (int): The seed.

    Returns:
        Config: The same, ready for a runner.

    Raises:
        ValueError: See :func:`check_num_classes`, :func:`check_labels`, :func:`check_schedule`,
            :func:`check_streams` and :func:`check_components`.
    """
    check_num_classes(cfg)
    check_labels(cfg, splits=('train', 'test'))
    check_schedule(cfg)
    check_streams(cfg)
    check_components(cfg, ('train', 'test'))
    for key in ('distill', 'teacher', 'work_dir', 'experiment_name'):
        cfg.pop(key, None)
    for key in ('val_interval', 'val_begin'):
        cfg.train_cfg.pop(key, None)
    drop_validation(cfg)
    set_seed(cfg, seed)
    for dataset in datasets_inside(cfg.train_dataloader['dataset']):
        if dataset.get('labelled_fraction', 1) < 1:
            dataset['label_seed'] = seed
    hooks = dict(cfg.get('default_hooks') or {})
    checkpoint = dict(hooks.get('checkpoint') or dict(type='AtomicCheckpointHook', interval=1))
    for key in ('save_best', 'out_dir', 'filename_tmpl'):
        checkpoint.pop(key, None)
    cfg.default_hooks = hooks | dict(checkpoint=checkpoint | dict(save_last=True))
    return cfg
