"""Whether what overrides a config names any of its settings."""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from mmengine.config import Config
from mmengine.runner import Runner

from .nearest import nearest

# What mmengine's runner reads of a config: arguments of its own, and settings that it looks up.
LOOKED_UP = (
    'activation_checkpointing',
    'compile',
    'efficient_conv_bn_eval',
    'find_unused_parameters',
    'model_wrapper_cfg',
    'sync_bn',
)
# Other names at the top of a config are variables of the file: they count where they are used.
SETTINGS = (*list(inspect.signature(Runner.__init__).parameters)[1:], *LOOKED_UP)
# What is read of a config before there is a runner.
_READ_BEFORE = ('custom_imports', 'distill', 'runner_type')
# Dicts of which mmengine looks up what it knows and passes over the rest.
_KEYS = {'auto_scale_lr': ('base_batch_size', 'enable')}


def check_options(cfg: Config, options: Mapping[str, Any]) -> None:
    """Refuse to override what is no setting, which mmengine would add to the config unread.

    Below the top, what a config builds refuses arguments that it does not have.

    Args:
        cfg (Config): As its file has it.
        options (Mapping[str, Any]): Settings to override, by dotted key.

    Raises:
        ValueError: Naming the keys, and the nearest that are settings.
    """
    known = {*SETTINGS, *_READ_BEFORE, *cfg} - {'cfg'}
    faults = []
    for option in options:
        top, _, rest = option.partition('.')
        if top not in known:
            faults.append(_unknown(option, top, known))
        elif top in _KEYS and rest and rest not in _KEYS[top]:
            faults.append(_unknown(option, rest, _KEYS[top]))
    if faults:
        raise ValueError(f'--cfg-options: {"; ".join(faults)}')


def _unknown(option: str, key: str, known: Iterable[str]) -> str:
    return f'{option} is no setting of a config{nearest(key, known, within=option)}'
