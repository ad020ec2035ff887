"""What the settings of a config may be, as far as no class of PartKD says it."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from mmengine.config import Config

from partkd.arguments import Bounds, Count, NotNegative, Seed, Whole, require

_LEVELS = Literal['CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG', 'NOTSET']
# mmengine's sign for "never" is -1.
_INTERVAL = Annotated[int, Bounds('an integer from 1 on, or -1', -1, excluded=(0,))]
_LOADER: dict[str, Any] = {
    '': dict | None,
    'batch_size': Whole,
    'num_workers': Count,
    'dataset': dict,
    'dataset.num_classes': Whole | None,
    'dataset.ann_file': str,
    'dataset.data_root': str | None,
}
SETTINGS: dict[str, Any] = {
    'model': dict,
    'model.type': str,
    'model.backbone.in_channels': Whole,
    **{
        f'{split}_dataloader.{key}'.strip('.'): hint
        for split in ('train', 'val', 'test')
        for key, hint in _LOADER.items()
    },
    **{f'{split}_evaluator': dict | Sequence[dict] | None for split in ('val', 'test')},
    **{f'{split}_cfg': dict | None for split in ('train', 'val', 'test')},
    'train_cfg.max_epochs': Whole,
    'train_cfg.max_iters': Whole,
    'optim_wrapper': dict | None,
    'optim_wrapper.optimizer': dict,
    'optim_wrapper.optimizer.lr': NotNegative,
    'param_scheduler': dict | Sequence[dict] | None,
    'default_hooks': dict | None,
    'default_hooks.checkpoint.interval': _INTERVAL,
    'custom_hooks': Sequence[dict] | None,
    'randomness': dict | None,
    'randomness.seed': Seed | None,
    'log_level': _LEVELS,
    'load_from': str | None,
    'resume': bool,
    'distill': dict | None,
}


def check_settings(cfg: Config) -> None:
    """Refuse settings of another type, or out of bounds, before anything reads them.

    Args:
        cfg (Config): Any config with a model.

    Raises:
        ValueError: Naming the config, the setting, and what it may be.
    """
    where = cfg.filename or 'the config'
    if 'model' not in cfg:
        raise ValueError(f'{where} has no model: is it a config of a training?')
    for path, hint in SETTINGS.items():
        *parents, last = path.split('.')
        place: Any = cfg
        for key in parents:
            place = place.get(key) if isinstance(place, dict | Config) else None
        if isinstance(place, dict | Config) and last in place:
            require(place[last], hint, f'{where}: {path}')
