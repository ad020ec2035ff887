"""What a step of a chain is made from, as one digest.

A config counts by what it says, not by where it lies: paths of files count by the files' content
(weights by the weights, so that a checkpoint's time stamps do not matter), and settings that
cannot change a result, such as work directories and logging, do not count. Of code, the modules
count that a config imports beside PartKD.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mmengine.config import Config

from partkd.distillation import weights_digest
from partkd.files import file_digest, source_digest

COUNTED = (
    'model',
    'data_preprocessor',
    'train_dataloader',
    'train_cfg',
    'optim_wrapper',
    'param_scheduler',
    'auto_scale_lr',
    'custom_hooks',
    'default_hooks',
    'load_from',
    'randomness',
    'compile',
    'test_dataloader',
    'test_evaluator',
    'test_cfg',
)
# Of custom hooks, those that change no result.
SPEED_HOOKS = ('KeepMemoryHook',)
LOGGING_HOOKS = ('checkpoint', 'logger', 'runtime_info', 'timer', 'visualization')


def fingerprint(content: Any) -> str:
    """A digest of configs and of the files that they name.

    Args:
        content (Any): Plain values, dicts and lists, see :func:`canonical`.

    Returns:
        str: SHA-256 in hexadecimal digits.
    """
    text = json.dumps(canonical(content), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def counted(cfg: Config) -> dict:
    """The part of a config that decides the result of training and testing.

    Args:
        cfg (Config): A config for mmengine's runner.

    Returns:
        dict: Its settings that count.
    """
    settings = {key: cfg[key] for key in COUNTED if cfg.get(key) is not None}
    hooks = settings.get('default_hooks', {})
    settings['default_hooks'] = {
        key: value for key, value in hooks.items() if key not in LOGGING_HOOKS
    }
    if 'custom_hooks' in settings:
        settings['custom_hooks'] = [
            hook for hook in settings['custom_hooks'] if hook['type'] not in SPEED_HOOKS
        ]
    return settings | imported_code(cfg)


def imported_code(cfg: Config) -> dict:
    """The code of a config's own components.

    Args:
        cfg (Config): A config with ``custom_imports``.

    Returns:
        dict: ``code``, a digest of the source of each module by its name (of a package, of all
        modules in it), PartKD's left out; empty where there is no other.
    """
    names = (cfg.get('custom_imports') or {}).get('imports') or []
    names = [names] if isinstance(names, str) else names
    code = {name: _code(name) for name in names if name.split('.')[0] != 'partkd'}
    return dict(code=code) if code else {}


@cache
def _code(module: str) -> str:
    """As it was when it was first asked for: what is in memory is not edited."""
    try:
        spec = find_spec(module)
    except ImportError:  # its package is missing, which the config may allow
        spec = None
    if spec is None or spec.origin is None:
        return ''
    file = Path(spec.origin)
    return source_digest(file.parent.rglob('*.py') if file.name == '__init__.py' else [file])


def canonical(value: Any, data_root: str = '') -> Any:
    """A value as JSON can hold it, with files by their content.

    Args:
        value (Any): What a config may hold.
        data_root (str): Folder that relative paths may start from; an entry ``data_root`` of a
            dict sets it for all that is inside. Defaults to ''.

    Returns:
        Any: Dicts with text as keys, lists, text, numbers, booleans and None.

    Raises:
        TypeError: For a value whose content cannot be told.
    """
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str | Path):
        return _text_or_content(str(value), data_root)
    if isinstance(value, Mapping):
        root = value.get('data_root') or data_root
        counted_items = {
            str(key): _without_folder(item) if key == 'cache' else item
            for key, item in value.items()
            if key != 'data_root'
        }
        return {key: canonical(item, root) for key, item in counted_items.items()}
    if isinstance(value, list | tuple):
        return [canonical(item, data_root) for item in value]
    if callable(value):
        return f'{value.__module__}.{value.__qualname__}'
    raise TypeError(f'a config holds {value!r}, which has no fingerprint: use plain values')


def _without_folder(cache: Any) -> Any:
    """Where a data set stores its clips decides no result."""
    if isinstance(cache, Mapping):
        return {key: value for key, value in cache.items() if key != 'folder'}
    return cache


def _text_or_content(text: str, data_root: str) -> Any:
    file = next((path for path in (Path(data_root, text), Path(text)) if _is_file(path)), None)
    if file is None:
        return text
    if file.suffix == '.pth':
        return f'weights {weights_digest(file)}'
    if file.suffix == '.py' and (model := Config.fromfile(file).get('model')):
        return canonical(model)
    stat = file.stat()
    return f'file {_file_digest(file, stat.st_size, stat.st_mtime_ns)}'


@lru_cache(maxsize=64)
def _file_digest(file: Path, size: int, changed: int) -> str:
    """Many steps read the same annotation files, which may be large."""
    return file_digest(file)


def _is_file(path: Path) -> bool:
    try:
        return bool(path.suffix) and path.is_file()
    except (OSError, ValueError):  # a text too long or too odd for a path
        return False
