"""A model's weights, whatever kind of checkpoint they are in."""

from collections.abc import Mapping
from pathlib import Path

from mmengine.runner import CheckpointLoader
from torch import Tensor, nn

from partkd.structures import require_finite

PREFIX = 'student.'
STATE = ('meta', 'message_hub', 'optimizer')  # what a training goes on from, beside weights
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
    others = [name for name, value in weights.items() if not isinstance(value, Tensor)]
    if others or not weights:
        found = f'{others[:NAMED]}, which are no weights' if others else 'nothing'
        raise ValueError(
            f'checkpoint {checkpoint} has no state_dict, but {found}: name one that a training left'
        )
    loaded['state_dict'] = {name.removeprefix('module.'): value for name, value in weights.items()}
    return loaded


def require_state(checkpoint: Mapping, file: str | Path) -> None:
    """Refuse to go on from a checkpoint that does not say where its training was.

    Args:
        checkpoint (Mapping): What is in it.
        file (str | Path): Where it is from, for the errors.

    Raises:
        ValueError: Naming what is missing.
    """
    missing = [key for key in STATE if not isinstance(checkpoint.get(key), Mapping)]
    meta = checkpoint['meta'] if 'meta' not in missing else {}
    if 'meta' not in missing:
        missing += [
            f'meta.{key}' for key in ('epoch', 'iter') if not isinstance(meta.get(key), int)
        ]
    if missing:
        raise ValueError(
            f'checkpoint {file} has no {", ".join(missing)}, so no training can go on from it: '
            'it is published, or saved without its optimizer. Start from its weights '
            f'(--cfg-options load_from={file}, without --resume), or resume from another'
        )


def student_weights(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A plain recogniser's weights, without the parts that only a distillation has.

    Args:
        state_dict (Mapping[str, Tensor]): Of a ``KDRecognizer`` or of a plain recogniser.

    Returns:
        dict[str, Tensor]: The student's weights without their prefix; those of a plain
        recogniser as they are.
    """
    student = {
        name.removeprefix(PREFIX): tensor
        for name, tensor in state_dict.items()
        if name.startswith(PREFIX)
    }
    return student or dict(state_dict)


def initial_weights(model: nn.Module, state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights for a training to start from, of a checkpoint of either kind.

    Args:
        model (nn.Module): A ``KDRecognizer`` or a plain recogniser.
        state_dict (Mapping[str, Tensor]): Of a ``KDRecognizer`` or of a plain recogniser.

    Returns:
        dict[str, Tensor]: In the model's names. A ``KDRecognizer`` that gets those of a plain
        recogniser keeps its own where only a distillation has any.
    """
    own = model.state_dict()
    if not any(name.startswith(PREFIX) for name in own):
        return student_weights(state_dict)
    if any(name.startswith(PREFIX) for name in state_dict):
        return dict(state_dict)
    only_of_distillation = {name: own[name] for name in own if not name.startswith(PREFIX)}
    return only_of_distillation | {f'{PREFIX}{name}': value for name, value in state_dict.items()}


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


def load_student_weights(model: nn.Module, checkpoint: str | Path) -> None:
    """Load a checkpoint of either kind into a plain recogniser.

    Args:
        model (nn.Module): The recogniser, wrapped for distribution or not.
        checkpoint (str | Path): The file.

    Raises:
        ValueError: If the weights are not this model's.
        NonFiniteError: If some are infinite or no numbers.
    """
    weights = student_weights(load_checkpoint(checkpoint)['state_dict'])
    load_weights(getattr(model, 'module', model), weights, checkpoint)


def _differences(own: Mapping[str, Tensor], given: Mapping[str, Tensor]) -> list[str]:
    shapes = [
        f'{name} is {tuple(given[name].shape)} in it and {tuple(value.shape)} in the model'
        for name, value in own.items()
        if name in given and given[name].shape != value.shape
    ]
    missing = [f'{name} is missing in it' for name in own if name not in given]
    return shapes + missing + [f'the model has no {name}' for name in given if name not in own]
