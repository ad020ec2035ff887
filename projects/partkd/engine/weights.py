"""A model's weights, whatever kind of checkpoint they are in."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from partkd.structures import load_checkpoint, load_weights

PREFIX = 'student.'
# What a CrossGraphRecognizer has beside a plain recogniser's weights.
OF_SOURCES = ('graph_map.', 'domain_classifier.')
PRETRAINED = 'encoder.'  # of what is trained by another objective
STATE = ('meta', 'message_hub', 'optimizer')  # what a training goes on from, beside weights


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
        state_dict (Mapping[str, Tensor]): Of either; of a ``CrossGraphRecognizer``, whose part for
            the source is left out for a model that has none; or of what trained an encoder by
            another objective, as ``ContrastivePretrainer``.

    Returns:
        dict[str, Tensor]: In the model's names. A ``KDRecognizer`` that gets those of a plain
        recogniser keeps its own where only a distillation has any. Of an encoder the backbone's
        are taken, and the neck's where the model's has any.
    """
    own = model.state_dict()
    state_dict = {
        name: value
        for name, value in state_dict.items()
        if name in own or not name.startswith(OF_SOURCES)
    }
    prefix = PREFIX if _has(own, PREFIX) else ''
    if _has(state_dict, PRETRAINED) and not _has(own, PRETRAINED):
        return own | _start_of_encoder(own, state_dict, prefix)
    if not prefix:
        return student_weights(state_dict)
    if _has(state_dict, PREFIX):
        return dict(state_dict)
    only_of_distillation = {name: own[name] for name in own if not name.startswith(PREFIX)}
    return only_of_distillation | {f'{PREFIX}{name}': value for name, value in state_dict.items()}


def _has(weights: Mapping[str, Tensor], prefix: str) -> bool:
    return any(name.startswith(prefix) for name in weights)


def _start_of_encoder(
    own: Mapping[str, Tensor], pretrained: Mapping[str, Tensor], prefix: str
) -> dict[str, Tensor]:
    """What a recogniser starts with of an encoder that was trained by another objective.

    Args:
        own (Mapping[str, Tensor]): The model's.
        pretrained (Mapping[str, Tensor]): Of the other objective.
        prefix (str): Of the recogniser's names in the model.

    Returns:
        dict[str, Tensor]: In the model's names.
    """
    parts = [part for part in ('backbone.', 'neck.') if _has(own, prefix + part)]
    kept = tuple(PRETRAINED + part for part in parts)
    return {
        prefix + name.removeprefix(PRETRAINED): value
        for name, value in pretrained.items()
        if name.startswith(kept)
    }


def load_student_weights(model: nn.Module, checkpoint: str | Path) -> dict:
    """Load a checkpoint of either kind into a plain recogniser.

    Args:
        model (nn.Module): The recogniser, wrapped for distribution or not.
        checkpoint (str | Path): The file.

    Returns:
        dict: ``dataset_meta`` of the checkpoint, what it says of the clips that it learned from;
        empty where it says nothing.

    Raises:
        ValueError: If the weights are not this model's.
        NonFiniteError: If some are infinite or no numbers.
    """
    loaded = load_checkpoint(checkpoint)
    weights = student_weights(loaded['state_dict'])
    load_weights(getattr(model, 'module', model), weights, checkpoint)
    meta = loaded.get('meta')
    learned = meta.get('dataset_meta') if isinstance(meta, Mapping) else None
    return dict(learned) if isinstance(learned, Mapping) else {}
