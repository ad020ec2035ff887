"""Answers to defects of released packages; no other module knows of them.

Importing :mod:`partkd` calls :func:`install_shims` before anything else. Each function below says
which defect it answers.
"""

import errno
import importlib
import importlib.util
import pickle
import re
import sys
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO, SupportsIndex

import mmengine.runner.checkpoint as mmengine_checkpoint
import numpy as np
import torch
from mmengine.config import ConfigDict
from mmengine.config.utils import MODULE2PACKAGE
from mmengine.logging import HistoryBuffer
from mmengine.optim.scheduler.param_scheduler import OneCycleParamScheduler
from mmengine.utils import digit_version
from torch.hub import get_dir, load_state_dict_from_url

__all__ = ['CheckpointError', 'install_shims', 'load_checkpoint_file']


class CheckpointError(RuntimeError):
    """A checkpoint file that was refused or cannot be read."""


def install_shims() -> None:
    """Installs every shim of this module; further calls change nothing."""
    _keep_quiet_about_operators()
    _shim_missing_drn()
    _leave_out_multimodal()
    torch.serialization.add_safe_globals(_safe_globals())
    _replace_checkpoint_loaders()
    _name_labels_as_1_2()
    _let_configs_name_partkd()


def _keep_quiet_about_operators() -> None:
    """Ignores that mmcv-lite has no ``MultiScaleDeformableAttention``, which no model here uses.

    mmcv says so at its import, with the line of code that does.
    """
    warnings.filterwarnings('ignore', 'Fail to import ``MultiScaleDeformableAttention``')


# ---------------------------------------------------------------- mmaction2's missing module


def _shim_missing_drn() -> None:
    """Stands in for ``mmaction.models.localizers.drn`` where the wheel lacks it.

    The mmaction2 1.2.0 wheel was built without that package, so ``import mmaction.models`` fails
    (https://github.com/open-mmlab/mmaction2/issues/2714).
    """
    name = 'mmaction.models.localizers.drn'
    spec = importlib.util.find_spec('mmaction')
    locations = spec.submodule_search_locations if spec else None
    if name in sys.modules or not locations:
        return
    if (Path(locations[0]) / 'models' / 'localizers' / 'drn').is_dir():
        return

    class DRN:
        """Placeholder for the localizer that the installed mmaction2 does not ship."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            raise ImportError(
                'the installed mmaction2 lacks mmaction.models.localizers.drn (its issue 2714): '
                'install mmaction2 from source to use DRN'
            )

    package, module = types.ModuleType(name), types.ModuleType(f'{name}.drn')
    package.__path__ = []
    vars(package)['drn'], vars(module)['DRN'] = module, DRN
    sys.modules[name], sys.modules[f'{name}.drn'] = package, module


def _leave_out_multimodal() -> None:
    """Leaves out mmaction2's multimodal models where ``transformers`` is too new for them.

    mmaction2 1.2.0 imports them beside any version from 4.28 on, but they want names that
    transformers 5 no longer has, so that ``import mmaction.models`` fails.
    """
    try:
        found = version('transformers')
    except PackageNotFoundError:
        return
    name = 'mmaction.utils.dependency'  # not in mmaction2 1.1, which has no such models
    if digit_version(found) >= digit_version('5') and importlib.util.find_spec(name):
        vars(importlib.import_module(name))['WITH_MULTIMODAL'] = False


def _name_labels_as_1_2() -> None:
    """Gives the data samples of mmaction2 1.1 the names that labels and scores have in 1.2."""
    from mmaction.structures import ActionDataSample

    if hasattr(ActionDataSample, 'set_gt_label'):
        return
    ActionDataSample.set_gt_label = ActionDataSample.set_gt_labels
    ActionDataSample.gt_label = property(lambda sample: sample.gt_labels.item)
    ActionDataSample.pred_score = property(lambda sample: sample.pred_scores.item)


def _let_configs_name_partkd() -> None:
    """Lets a config inherit from the wheel's, ``_base_ = 'partkd::partkd/demo.py'``.

    mmengine follows the names of OpenMMLab's own packages alone, those of a table.
    """
    MODULE2PACKAGE.setdefault('partkd', 'partkd')


# ---------------------------------------------------------------- what a checkpoint may hold
#
# mmengine 0.10.7 saves numpy arrays and its own HistoryBuffer in a checkpoint and loads it with a
# plain torch.load, which refuses both from torch 2.6 on
# (https://github.com/open-mmlab/mmengine/issues/1655). torch's answer is a list of names that a
# pickle may use. The names below are those that a checkpoint holds, but the real numpy.dtype,
# numpy.ndarray and getattr behind them would let a forged file read and write memory or reach any
# object, so each name stands for a narrow function that does only what a checkpoint needs.

_DTYPES = {
    f'{kind}{size}': np.dtype(f'{kind}{size}')
    for kind, sizes in {'b': '1', 'i': '1248', 'u': '1248', 'f': '248'}.items()
    for size in sizes
}


@dataclass(frozen=True)
class _Name:
    """A name that a checkpoint may mention, but neither call nor build."""

    path: str


_NDARRAY = _Name('numpy.ndarray')
_ONE_CYCLE = _Name('mmengine.optim.scheduler.param_scheduler.OneCycleParamScheduler')


def _plain_dtype(code: str, align: bool = False, copy: bool = False) -> np.dtype:
    """Stands for ``numpy.dtype``: numbers only, and numpy's own immutable instance of each.

    That instance ignores the state that follows in the pickle. A copy would obey it, flags
    included, and a dtype with false flags makes numpy take the bytes of an array for pointers.
    """
    if code not in _DTYPES:
        raise pickle.UnpicklingError(f'GLOBAL numpy.dtype({code!r})')
    return _DTYPES[code]


class _LoadedArray(np.ndarray):
    """Stands for an array whose state is set once.

    numpy frees the old memory when it is set again, and a tensor may still use that memory.
    """

    _filled = False

    def __setstate__(self, state: tuple) -> None:
        if self._filled:
            raise pickle.UnpicklingError('an array is filled twice')
        super().__setstate__(state)
        self._filled = True

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple:
        return self.view(np.ndarray).__reduce_ex__(protocol)


def _empty_array(kind: _Name, shape: tuple, code: bytes) -> np.ndarray:
    """Stands for numpy's ``_reconstruct``: an empty array, filled by the state that follows."""
    if kind is not _NDARRAY:
        raise pickle.UnpicklingError('an array of an unknown kind')
    return np.empty(0).view(_LoadedArray)


def _plain_scalar(dtype: np.dtype, data: bytes) -> np.generic:
    """Stands for numpy's ``scalar``."""
    return np.frombuffer(data, dtype, count=1)[0]


class _LoadedHistoryBuffer(HistoryBuffer):
    """Stands for ``HistoryBuffer`` and becomes one as soon as its state is there.

    mmengine's own ``__setstate__`` would put whatever the file says into a table of functions
    that all buffers of the process share.
    """

    def __setstate__(self, state: dict) -> None:
        self._log_history = np.array(state['_log_history'])
        self._count_history = np.array(state['_count_history'])
        self.max_length = int(state['max_length'])
        self._set_default_statistics()
        self.__class__ = HistoryBuffer


def _config_dict(values: dict) -> ConfigDict:
    """Stands for ``ConfigDict``: a dict of the config that a dataset keeps in its metainfo."""
    return ConfigDict(values)


_ATTRIBUTES: dict[tuple[type | _Name, str], Callable] = {
    **{
        (_LoadedHistoryBuffer, name): getattr(HistoryBuffer, name)
        for name in ('min', 'max', 'current', 'mean')
    },
    **{
        (_ONE_CYCLE, name): getattr(OneCycleParamScheduler, name)
        for name in ('_annealing_cos', '_annealing_linear')
    },
}


def _known_attribute(owner: type | _Name, name: str) -> Callable:
    """Stands for ``getattr``: pickle spells a function inside a class ``getattr(class, name)``."""
    if (owner, name) not in _ATTRIBUTES:
        raise pickle.UnpicklingError(f'GLOBAL getattr(...,{name!r})')
    return _ATTRIBUTES[owner, name]


def _safe_globals() -> list[Callable | tuple[Callable, str]]:
    """Lists what a pickle may name, as pairs of what it gets and the name it uses.

    The last entries let arrays and dtypes take their state (torch asks whether the type is
    listed). No pickle can name them, for a name in a pickle ends at the line break.
    """
    named: list[tuple[Any, str]] = [  # Any, as a _Name is nothing that could be called
        (_LoadedHistoryBuffer, 'mmengine.logging.history_buffer.HistoryBuffer'),
        (_known_attribute, 'builtins.getattr'),
        (_config_dict, 'mmengine.config.config.ConfigDict'),
        (_ONE_CYCLE, _ONE_CYCLE.path),
        (_NDARRAY, _NDARRAY.path),
        (_plain_dtype, 'numpy.dtype'),
    ]
    for core in ('numpy.core.multiarray', 'numpy._core.multiarray'):  # numpy 1 and numpy 2
        named += [(_empty_array, f'{core}._reconstruct'), (_plain_scalar, f'{core}.scalar')]
    buildable: list[type] = [_LoadedArray, *(type(dtype) for dtype in _DTYPES.values())]
    return [*named, *((kind, f'\nbuild {kind.__qualname__}') for kind in buildable)]


# ---------------------------------------------------------------- loading a checkpoint


@contextmanager
def _clear_errors(path: str) -> Iterator[None]:
    """Turns what torch says of a file that it cannot read into a :class:`CheckpointError`."""
    try:
        yield
    except pickle.UnpicklingError as error:
        refused = re.search(r'GLOBAL (\S+)', str(error))
        raise CheckpointError(_refusal(path, refused[1]) if refused else _damage(path)) from None
    except Exception as error:
        if _is_of_the_machine(error):
            raise
        raise CheckpointError(_damage(path)) from None


def _is_of_the_machine(error: Exception) -> bool:
    """Says whether an error is about memory, a device, the disk or the net, and not the file."""
    if isinstance(error, OSError):
        return error.errno != errno.EINVAL  # torch seeks before the start of a file cut short
    out_of_memory = isinstance(error, (MemoryError, torch.OutOfMemoryError))
    return out_of_memory or 'Attempting to deserialize object on' in str(error)


def _refusal(path: str, name: str) -> str:
    return (
        f'checkpoint {path} is refused: it names {name}, which a checkpoint does not hold and '
        'which may run code. Nothing of it was run. If the file is your own, save its weights '
        "alone where it was made, torch.save({'state_dict': model.state_dict()}, path), and load "
        'that file'
    )


def _damage(path: str) -> str:
    return (
        f'{path} is not a checkpoint that torch can read: it is cut short, damaged, or a file of '
        'another kind. Fetch or save it again, or name another file'
    )


def load_checkpoint_file(path: str, map_location: Any = None) -> dict:
    """Loads a checkpoint without letting it run code.

    Args:
        path (str): A local file; ``~`` stands for the home directory.
        map_location (Any): Same as :func:`torch.load`. Defaults to None.

    Returns:
        dict: What the file holds: the training state of mmengine's runner, or a state dict.

    Raises:
        FileNotFoundError: There is no such file.
        CheckpointError: The file names something that a checkpoint does not hold, or cannot be
            read.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise FileNotFoundError(f'there is no checkpoint {file}: check the path')
    return _load_safely(file, map_location)


def _load_safely(file: Path | BinaryIO, map_location: Any) -> dict:
    """Loads a checkpoint from a file, or from an open one that mmengine fetched."""
    with _clear_errors(str(file) if isinstance(file, Path) else '(fetched)'):
        loaded = torch.load(file, map_location, weights_only=True)
    return _without_config(_with_weights(loaded, str(file)))


def _with_weights(checkpoint: Any, path: str) -> dict:
    """Refuses what torch can read and mmengine cannot: it would end in an error about its type."""
    found = checkpoint
    if isinstance(checkpoint, Mapping):
        found = checkpoint.get('state_dict', {})
        if isinstance(found, Mapping):
            return dict(checkpoint)
    raise CheckpointError(
        f'checkpoint {path} holds a {type(found).__name__} in the place of weights by name: save '
        "torch.save({'state_dict': model.state_dict()}, path), or name another file"
    )


def _without_config(checkpoint: Any) -> Any:
    """Drops ``meta['config']``, which mmengine's ``Runner.resume`` would execute as Python.

    Only releases before mmengine 0.2 wrote it; it serves a check of the number of GPUs.
    """
    if isinstance(checkpoint, dict) and isinstance(checkpoint.get('meta'), dict):
        checkpoint['meta'].pop('config', None)
    return checkpoint


def _replace_checkpoint_loaders() -> None:
    """Makes mmengine load checkpoints safely and with clear errors, wherever they come from.

    torch's ``load_url``, which serves every scheme that downloads, still lets a pickle run code
    unless it is told not to. The other schemes (``s3://``, ``openmmlab://`` with a file in
    mmengine's own folder, ...) call ``torch.load`` in mmengine, and in its fork onedl-mmengine
    ``_safe_torch_load``, which loads again with ``weights_only=False`` whatever the safe way
    refuses.
    """

    def load_from_local(filename: str, map_location: Any) -> dict:
        return load_checkpoint_file(filename, map_location)

    def load_url(url: str, **options: Any) -> dict:
        with _clear_errors(f'{url} (kept in {get_dir()}/checkpoints)'):
            loaded = load_state_dict_from_url(url, weights_only=True, **options)
        return _without_config(_with_weights(loaded, url))

    def load_without_fallback(
        file: str | BinaryIO, map_location: Any = None, weights_only: bool | None = None
    ) -> dict:
        return _load_safely(Path(file) if isinstance(file, str) else file, map_location)

    loader = mmengine_checkpoint.CheckpointLoader
    loader.register_scheme(prefixes='', loader=load_from_local, force=True)
    mmengine_checkpoint.load_url = load_url
    if hasattr(mmengine_checkpoint, '_safe_torch_load'):
        mmengine_checkpoint._safe_torch_load = load_without_fallback
