"""A model of mmpose or mmdet, run as its own config says."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.hub import get_config
from mmengine.model import BaseModel, revert_sync_batchnorm
from mmengine.registry import DATASETS, MODELS, DefaultScope
from torch import Tensor, nn

from partkd.messages import shown
from partkd.structures import load_checkpoint, require_finite

_LOADERS = dict(mmpose='mmpose.LoadImage', mmdet='mmdet.LoadImageFromNDArray')  # of arrays
_NAMED = 3  # missing weights that an error names


class OpenMMLabModel:
    """A model and the pipeline that it is tested with.

    Args:
        package (str): ``'mmpose'`` or ``'mmdet'``.
        config (str): Its config: a file, or ``PACKAGE::NAME`` of one that an installed package
            brings.
        checkpoint (str): Its weights. Nothing else of the file is run or kept.
        device (torch.device): Where it computes.

    Attributes:
        config (Config): Its config.
        meta (Mapping[str, Any]): What the checkpoint says of the data set that it was trained on;
            empty where it says nothing.
        model (BaseModel): The model itself, in evaluation mode.

    Raises:
        FileNotFoundError: If there is no such config or checkpoint.
        ImportError: If the package is not installed.
        ValueError: If the config cannot be read or describes no model to test, or the weights are
            another model's.
        NonFiniteError: If some weights are infinite or no numbers.
    """

    def __init__(self, package: str, config: str, checkpoint: str, device: torch.device) -> None:
        import_package(package)
        self.config = _read_config(config)
        self.scope = self.config.get('default_scope') or package
        import_package(self.scope)
        loaded = load_checkpoint(checkpoint)
        meta = loaded.get('meta')
        learned = meta.get('dataset_meta') if isinstance(meta, Mapping) else None
        self.meta: Mapping[str, Any] = learned if isinstance(learned, Mapping) else {}
        with self._in_scope():
            # what is built gets all its weights from the checkpoint, so nothing is fetched
            model = MODELS.build(self.config.model)
            self.pipeline = Compose(_of_arrays(self.config, _LOADERS[package]))
        _load_weights(model, loaded['state_dict'], config, checkpoint)
        self.model: BaseModel = revert_sync_batchnorm(model).to(device).eval()

    @torch.no_grad()
    def __call__(self, items: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Run it on one batch.

        Args:
            items (Sequence[Mapping[str, Any]]): What its pipeline takes, with ``img``, (H, W, 3)
                uint8 BGR.

        Returns:
            list[Any]: The ``pred_instances`` of each.
        """
        with self._in_scope():
            batch = pseudo_collate([self.pipeline(dict(item)) for item in items])
            return [sample.pred_instances for sample in self.model.test_step(batch)]

    def data_set_info(self) -> Mapping[str, Any]:
        """What the config says of its data: ``metainfo``, or that of the data set's class.

        Returns:
            Mapping[str, Any]: Of the data it was trained on, else tested on; empty where the config
            says nothing.
        """
        for loader in ('train_dataloader', 'test_dataloader'):
            data_set = (self.config.get(loader) or {}).get('dataset') or {}
            if found := data_set.get('metainfo') or self._info_of_class(data_set.get('type')):
                return found
        return {}

    def _info_of_class(self, kind: Any) -> Mapping[str, Any]:
        with DATASETS.switch_scope_and_registry(self.scope) as registry:
            found = registry.get(kind) if isinstance(kind, str) else kind
        return getattr(found, 'METAINFO', {})

    def _in_scope(self) -> AbstractContextManager:
        return DefaultScope.overwrite_default_scope(self.scope)


def import_package(package: str) -> None:
    """Import what a package of OpenMMLab registers.

    Args:
        package (str): Its name.

    Raises:
        ImportError: If it, or what it needs, is not installed.
    """
    try:
        import_module(f'{package}.models')
        import_module(f'{package}.datasets')
    except (ImportError, AssertionError) as error:  # they assert the versions of one another
        raise ImportError(
            f'the estimator mmpose needs {package}, and mmcv with its operators ({error}): '
            '`make pose-env` installs them in .venv-pose'
        ) from error


def _read_config(name: str) -> Config:
    if '::' not in name and not Path(name).is_file():
        raise FileNotFoundError(
            f'there is no config {name}: check the path, or name one that mmpose brings, '
            'mmpose::FOLDER/NAME.py'
        )
    try:
        config = get_config(name) if '::' in name else Config.fromfile(name)
    except Exception as error:  # it is a program, which may do anything
        raise ValueError(
            f'the config {name} cannot be read ({type(error).__name__}: {error})'
        ) from error
    test_data = (config.get('test_dataloader') or {}).get('dataset') or {}
    if not config.get('model') or not test_data.get('pipeline'):
        raise ValueError(
            f'the config {name} has no model, or no test_dataloader with a pipeline: name one that '
            'a model is tested with'
        )
    return config


def _of_arrays(config: Config, loader: str) -> list[dict[str, Any]]:
    """The pipeline of the test, on pictures that are in memory."""
    first, *others = config.test_dataloader.dataset.pipeline
    reads_files = 'LoadImage' in str(first['type'])
    return [dict(first, type=loader) if reads_files else first, *others]


def _load_weights(
    model: nn.Module, weights: Mapping[str, Tensor], config: str, checkpoint: str
) -> None:
    """Load weights, of older releases too; some that the model has not are left out."""
    require_finite(weights, f'checkpoint {checkpoint}', 'download it again, or name another')
    try:
        missing = model.load_state_dict(weights, strict=False).missing_keys
    except RuntimeError as error:  # other shapes
        raise ValueError(f'{_misfit(checkpoint, config)}: {error}') from None
    if missing:
        raise ValueError(
            f'{_misfit(checkpoint, config)}: it lacks {shown(missing[:_NAMED])} '
            f'({len(missing)} in all)'
        )


def _misfit(checkpoint: str, config: str) -> str:
    return f'checkpoint {checkpoint} is not of the config {config}, use the one it was trained with'
