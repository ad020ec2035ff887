"""Which settings of a config decide a result, in a form that can be compared.

All of them count but those that are known to change no result. A config counts by what it says, not
by where it lies: paths of files count by the files' content (weights by the weights, so that a
checkpoint's time stamps do not matter). Of code, the modules count that a config imports beside
PartKD, which has :data:`partkd.version.RESULTS_VERSION`.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from mmengine.config import Config

from partkd.distillation import imported_code, weights_digest
from partkd.files import RECORD, digest, file_digest, read_record
from partkd.messages import shown

from .options import SETTINGS

# Of the settings, those that change no result.
NOT_COUNTED = (
    'cfg',
    'experiment_name',
    'launcher',
    'log_level',
    'log_processor',
    'resume',
    'val_cfg',
    'val_dataloader',
    'val_evaluator',
    'visualizer',
    'work_dir',
)
# Of the environment, how processes are started and meet.
NOT_COUNTED_OF_ENV = ('dist_cfg', 'mp_cfg', 'resource_limit')
# Of custom hooks, those for speed; of the default ones, those that show and keep.
SPEED_HOOKS = ('KeepMemoryHook',)
LOGGING_HOOKS = ('checkpoint', 'logger', 'runtime_info', 'timer', 'visualization')
# Of a data set's settings, where it stores its clips, and what its classes are called.
_CHANGE_NOTHING = {'cache': 'folder', 'metainfo': 'classes'}


def counted_settings(cfg: Config) -> dict:
    """The part of a config that decides the result of training and testing.

    Args:
        cfg (Config): A config for mmengine's runner.

    Returns:
        dict: Its settings that count.
    """
    counted = {
        key: cfg[key] for key in SETTINGS if key not in NOT_COUNTED and cfg.get(key) is not None
    }
    for key, ignored in (('default_hooks', LOGGING_HOOKS), ('env_cfg', NOT_COUNTED_OF_ENV)):
        values = counted.get(key, {})
        counted[key] = {name: value for name, value in values.items() if name not in ignored}
    if 'custom_hooks' in counted:
        counted['custom_hooks'] = [
            hook for hook in counted['custom_hooks'] if hook['type'] not in SPEED_HOOKS
        ]
    return counted | imported_code(cfg)


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
            str(key): _without(_CHANGE_NOTHING[key], item) if key in _CHANGE_NOTHING else item
            for key, item in value.items()
            if key != 'data_root'
        }
        return {
            key: canonical(item, root)
            for key, item in counted_items.items()
            if not (key == 'metainfo' and not item)
        }
    if isinstance(value, list | tuple):
        return [canonical(item, data_root) for item in value]
    if callable(value):
        return f'{value.__module__}.{value.__qualname__}'
    raise TypeError(
        f'a config holds {shown(value)}, which cannot be compared with others: use plain values'
    )


def _without(name: str, setting: Any) -> Any:
    if isinstance(setting, Mapping):
        return {key: value for key, value in setting.items() if key != name}
    return setting


def _text_or_content(text: str, data_root: str) -> Any:
    if text and _is_file(Path(text) / RECORD) and (record := read_record(text)):
        return f'folder {digest(record["digests"])}'
    file = next((path for path in (Path(data_root, text), Path(text)) if _is_file(path)), None)
    if file is None:
        return text
    if file.suffix == '.pth':
        return f'weights {weights_digest(file)}'
    if file.suffix == '.py' and (cfg := Config.fromfile(file)).get('model'):
        return canonical(cfg.model | imported_code(cfg))
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
