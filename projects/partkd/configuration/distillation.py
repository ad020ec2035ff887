"""What the config of a distillation says of its teacher."""

from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch import nn

from partkd.distillation import imported_code
from partkd.models import features_read

from .configs import innermost_dataset


def feature_bank(model: dict) -> dict | None:
    """The config of the feature bank.

    Args:
        model (dict): Config of a ``KDRecognizer``.

    Returns:
        dict | None: Not a copy; None where the teacher is in the loop.
    """
    _check_distilled(model)
    return model['teacher'] if model['teacher']['type'] == 'FeatureBank' else None


def frozen_teacher(model: dict) -> dict:
    """The config of the teacher itself, in the loop or behind the feature bank.

    Args:
        model (dict): Config of a ``KDRecognizer``.

    Returns:
        dict: Config of a ``FrozenTeacher``; not a copy.

    Raises:
        ValueError: If a feature bank does not say what teacher fills it.
    """
    bank = feature_bank(model)
    teacher = model['teacher'] if bank is None else bank.get('teacher')
    if teacher is None:
        raise ValueError(
            'the feature bank names no teacher: set model.teacher.teacher='
            "dict(type='FrozenTeacher', config=..., checkpoint=...)"
        )
    return teacher


def teacher_files_settings(cfg: Config) -> dict:
    """All that decides part matrix and feature bank, but which features a bank holds (those that
    its students read) and the student's own input.

    Args:
        cfg (Config): The distillation config.

    Returns:
        dict: Its settings that count; equal where files can be shared.
    """
    dataset = innermost_dataset(cfg.train_dataloader['dataset'])
    return dict(
        teacher=frozen_teacher(cfg.model),
        clips={k: v for k, v in dataset.items() if k not in ('pipeline', 'load_teacher')},
        part_matrix=cfg.get('distill', {}).get('part_matrix') or {},
        **imported_code(cfg),
    )


def features_of_bank(model: dict) -> tuple[str, ...]:
    """What a student reads of a feature bank.

    Args:
        model (dict): Config of a ``KDRecognizer``.

    Returns:
        tuple[str, ...]: See :func:`partkd.models.features_read`; empty where it has no bank.

    Raises:
        ValueError: If a loss cannot be built.
    """
    return () if feature_bank(model) is None else features_of_losses(model)


def features_of_losses(model: dict) -> tuple[str, ...]:
    """What the losses of a distillation read.

    Args:
        model (dict): Config of a ``KDRecognizer``.

    Returns:
        tuple[str, ...]: See :func:`partkd.models.features_read`.

    Raises:
        ValueError: If a loss cannot be built.
    """
    with DefaultScope.overwrite_default_scope('mmaction'):
        return features_read(map(_build_loss, model['losses']))


def reads_pairs(model: dict) -> bool:
    """Whether a recogniser learns from the high-quality clips themselves.

    Args:
        model (dict): Config of a ``SkeletonRecognizer`` or what derives from it.

    Returns:
        bool: Its ``reads_pairs``; False for what is not known.
    """
    with DefaultScope.overwrite_default_scope('mmaction'):
        return bool(getattr(MODELS.get(model['type']), 'reads_pairs', False))


def part_matrices(model: dict) -> list[dict]:
    """The configs of the losses' part matrices.

    Args:
        model (dict): Config of a ``KDRecognizer``.

    Returns:
        list[dict]: Configs of ``PartMatrix``; not copies.
    """
    _check_distilled(model)
    return [loss['part_matrix'] for loss in model['losses'] if loss.get('part_matrix')]


def _build_loss(loss: dict) -> nn.Module:
    try:
        return MODELS.build(loss)
    except Exception as error:
        raise ValueError(f'the loss {dict(loss)} cannot be built: {error}') from error


def _check_distilled(model: dict) -> None:
    if model['type'] != 'KDRecognizer':
        raise ValueError(
            f'the model of the config is a {model["type"]}; only a distillation config, whose '
            'model is a KDRecognizer, has a teacher'
        )
