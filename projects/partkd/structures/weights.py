"""The weights of a model in a checkpoint."""

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import torch
from mmengine.runner import CheckpointLoader
from torch import Tensor, nn

from partkd.messages import shown

from .finite import require_finite

NAMED = 3  # differences that an error names


def load_checkpoint(checkpoint: str | Path, device: str = 'cpu') -> dict:
    """Read a checkpoint.

    Args:
        checkpoint (str | Path): The file.
        device (str): Where its tensors go. Defaults to ``'cpu'``.

    Returns:
        dict: What is in it, with ``state_dict``, whose names are those of a model that is not
        wrapped for distribution.

    Raises:
        FileNotFoundError: If there is no such file.
        CheckpointError: If it cannot be read, or holds no weights by name.
        ValueError: If it holds none at all.
    """
    loaded = CheckpointLoader.load_checkpoint(str(checkpoint), map_location=device, logger='silent')
    loaded = loaded if 'state_dict' in loaded else dict(state_dict=loaded)
    weights = loaded['state_dict']
    others = [name for name, value in weights.items() if not _is_weight(name, value)]
    if others or not weights:
        found = f'{shown(others[:NAMED])}, which are no weights by name' if others else 'nothing'
        raise ValueError(
            f'checkpoint {checkpoint} has no state_dict, but {found}: name one that a training left'
        )
    named = OrderedDict((name.removeprefix('module.'), value) for name, value in weights.items())
    # versions of the layers, without which mmpose takes all weights for those of an old release
    vars(named).update(vars(weights) if isinstance(weights, OrderedDict) else {})
    loaded['state_dict'] = named
    return loaded


def load_weights(model: nn.Module, weights: Mapping[str, Tensor], checkpoint: str | Path) -> None:
    """Load all weights of a model, and nothing but its weights.

    Args:
        model (nn.Module): The model, not wrapped for distribution.
        weights (Mapping[str, Tensor]): By name.
        checkpoint (str | Path): Where they are from, for the errors.

    Raises:
        ValueError: If they are another model's, naming the first differences.
        NonFiniteError: If some are infinite or no numbers.
    """
    wrong = _differences(model.state_dict(), weights)
    if wrong:
        more = f'; and {len(wrong) - NAMED} more' if len(wrong) > NAMED else ''
        raise ValueError(
            f'checkpoint {checkpoint} does not fit the model of the config: '
            f'{"; ".join(wrong[:NAMED])}{more}. Use the config that it was trained with; a part of '
            "another model's weights is loaded by model.backbone.init_cfg=dict(type='Pretrained', "
            "checkpoint=..., prefix='backbone')"
        )
    require_finite(
        weights,
        f'checkpoint {checkpoint}',
        'its training diverged, so train it again with a lower learning rate, or look for '
        'coordinates that are huge in its clips',
    )
    model.load_state_dict(weights)


def _differences(own: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> list[str]:
    shapes = [
        f'{name} is {tuple(given[name].shape)} in it and {tuple(value.shape)} in the model'
        for name, value in own.items()
        if name in given and given[name].shape != value.shape
    ]
    kinds = [
        f'{name} is {given[name].dtype} in it and {value.dtype} in the model'
        for name, value in own.items()
        if name in given and given[name].is_complex() != value.is_complex()
    ]
    missing = [f'{name} is missing in it' for name in own if name not in given]
    return (
        shapes + kinds + missing + [f'the model has no {name}' for name in given if name not in own]
    )


def _is_weight(name: object, value: object) -> bool:
    return isinstance(name, str) and isinstance(value, Tensor) and value.layout == torch.strided
