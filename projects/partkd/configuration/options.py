"""Whether what overrides a config names any of its settings."""

import inspect
import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mmengine.config import Config
from mmengine.logging import print_log
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

    Below the top, what a config builds refuses arguments that it does not have. A variable of the
    file is warned of: the file has used it already, and only code of the user's may read it yet.

    Args:
        cfg (Config): As its file has it.
        options (Mapping[str, Any]): Settings to override, by dotted key.

    Raises:
        ValueError: Naming the keys, and the nearest that are settings.
    """
    known_settings = {*SETTINGS, *_READ_BEFORE} - {'cfg'}
    known = {*known_settings, *cfg} - {'cfg'}
    faults = []
    for option in options:
        top, _, rest = option.partition('.')
        if top not in known:
            faults.append(_unknown(option, top, known))
        elif top in _KEYS and rest and rest not in _KEYS[top]:
            faults.append(_unknown(option, rest, _KEYS[top]))
    if faults:
        raise ValueError(f'--cfg-options: {"; ".join(faults)}')
    for variable in sorted({option.partition('.')[0] for option in options} - known_settings):
        print_log(
            f'--cfg-options: {variable} is a variable of the config, which has been used where it '
            f'stands: changing it changes no setting{_used(cfg, cfg[variable])}',
            logger='current',
            level=logging.WARNING,
        )


def _unknown(option: str, key: str, known: Iterable[str]) -> str:
    return f'{option} is no setting of a config{nearest(key, known, within=option)}'


def _used(cfg: Config, value: object) -> str:
    """Settings that have a variable's value, to be set in its stead."""
    settings = {key: cfg[key] for key in SETTINGS if key in cfg}
    alike = [key for key, one in _leaves(settings) if type(one) is type(value) and one == value]
    return f'. Set {", ".join(alike[:3])}' if alike else ''


def _leaves(value: Any, key: str = '') -> Iterator[tuple[str, Any]]:
    """All that is no dict and no list, by dotted key."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, one in items:
            yield from _leaves(one, f'{key}.{name}' if key else f'{name}')
    else:
        yield key, value
