"""What a distillation config leaves out because it follows from the teacher's own config."""

from mmengine.config import Config

from partkd.layouts import PART_NAMES

from .configs import innermost_dataset, load_config
from .distillation import frozen_teacher


def fill_in_from_teacher(cfg: Config) -> None:
    """Fill in what a distillation config does not say; nothing in that of a plain recogniser.

    - ``train_dataloader.dataset.teacher``, the high-quality side of the pairs: file, layout and
      data root of the teacher's own training set, in the pipeline of its own test set;
    - ``in_channels`` and ``out_channels`` of ``model.adapter``: the widths of the part features of
      student and teacher.

    Whoever trains or reads the teacher's clips calls it, once all options are in. Test, publishing
    and export need neither, nor the teacher's config.

    Args:
        cfg (Config): The config, which is changed.

    Raises:
        FileNotFoundError: If the teacher's config is not there.
        ValueError: If neither config says of the high-quality side what is needed.
    """
    if cfg.model['type'] != 'KDRecognizer':
        return
    teacher = load_config(frozen_teacher(cfg.model)['config'])
    dataset = innermost_dataset(cfg.train_dataloader['dataset'])
    if 'ann_file' in dataset:  # not one of several, as ConcatDataset joins
        dataset['teacher'] = _high_quality_side(teacher, dataset.get('teacher') or {})
    if cfg.model.get('adapter'):
        widths = dict(
            in_channels=part_channels(cfg.model['student']),
            out_channels=part_channels(teacher.model),
        )
        cfg.model['adapter'] = widths | cfg.model['adapter']


def _high_quality_side(teacher: Config, said: dict) -> dict:
    """``teacher`` of a :class:`PairedPoseDataset`: the clips of a teacher, as it sees them."""
    trained, tested = (_dataset(teacher, split) for split in ('train', 'test'))
    side = {key: trained[key] for key in ('data_root', 'ann_file', 'layout') if key in trained}
    side |= {key: tested[key] for key in ('pipeline',) if key in tested}
    side |= said
    if missing := [key for key in ('ann_file', 'pipeline') if key not in side]:
        raise ValueError(
            f'{teacher.filename} does not say {" and ".join(missing)} of the high-quality clips, '
            'of train_dataloader and test_dataloader with one file each: set '
            f'train_dataloader.dataset.teacher.{missing[0]} in the config of the distillation'
        )
    return side


def _dataset(cfg: Config, split: str) -> dict:
    loader = cfg.get(f'{split}_dataloader')
    return innermost_dataset(loader['dataset']) if loader else {}


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
