"""Where the losses and figures of a training are shown."""

import importlib.util
from collections.abc import Sequence

from mmengine.config import Config

# By name: mmengine's backend, and the module that it needs and a user installs.
BACKENDS = {
    'tensorboard': ('TensorboardVisBackend', 'tensorboard'),
    'wandb': ('WandbVisBackend', 'wandb'),
}


def log_to_backends(cfg: Config, names: Sequence[str]) -> None:
    """Add backends to those of a config.

    Args:
        cfg (Config): The config of a training, which is changed.
        names (Sequence[str]): Of :data:`BACKENDS`.

    Raises:
        ImportError: If one is not installed.
        ValueError: If one is unknown.
    """
    if unknown := sorted(set(names) - BACKENDS.keys()):
        raise ValueError(f'log_to takes {sorted(BACKENDS)}, and not {unknown}')
    if not names:
        return
    visualizer = dict(cfg.get('visualizer') or dict(type='ActionVisualizer'))
    present = list(visualizer.get('vis_backends') or [dict(type='LocalVisBackend')])
    for name in names:
        backend, module = BACKENDS[name]
        if importlib.util.find_spec(module) is None:
            raise ImportError(f'{module} is not installed: pip install {module}')
        if all(one['type'] != backend for one in present):
            present.append(dict(type=backend))
    cfg.visualizer = visualizer | dict(vis_backends=present)
