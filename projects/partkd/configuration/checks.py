"""What in a config contradicts itself is said before anything is built."""

from mmengine.config import Config
from mmengine.logging import MMLogger

from .configs import innermost_dataset


def check_num_classes(cfg: Config) -> None:
    """Refuse labels that the classifier has no output for, and clips without a label.

    Args:
        cfg (Config): Of a training.

    Raises:
        ValueError: Naming the settings.
    """
    key = 'model.student' if cfg.model['type'] == 'KDRecognizer' else 'model'
    model = cfg.model.get('student', cfg.model)
    outputs = (model.get('cls_head') or {}).get('num_classes')
    dataset = innermost_dataset(cfg.train_dataloader['dataset'])
    labels = dataset.get('num_classes')
    if model['type'] == 'SkeletonRecognizer' and not dataset.get('require_labels', True):
        raise ValueError(
            f'{cfg.filename or "the config"}: train_dataloader.dataset.require_labels is False, '
            f'and {key} learns from the labels of all clips: leave the setting out'
        )
    if outputs and labels and labels > outputs:
        raise ValueError(
            f'{cfg.filename or "the config"}: train_dataloader.dataset.num_classes is {labels} and '
            f'{key}.cls_head.num_classes is {outputs}: give the classifier as many as the data'
        )


def check_schedule(cfg: Config) -> None:
    """Refuse a one-cycle learning rate that ends before the training; warn of one that ends later.

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
        time = min(scheduler.get('end', epochs), epochs) - scheduler.get('begin', 0)
        message = (
            f'{cfg.filename or "the config"}: with train_cfg.max_epochs={epochs} '
            f'param_scheduler.{number} has {time} epochs, and its total_steps is {steps}: set it '
            f'to {time}, so that the learning rate ends where the training does'
        )
        if time > steps:
            raise ValueError(message)
        if time < steps:
            MMLogger.get_current_instance().warning(message)
