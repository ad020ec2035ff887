"""The student's weights, whatever kind of checkpoint they are in."""

from pathlib import Path

from mmengine.runner import CheckpointLoader
from torch import Tensor, nn

PREFIX = 'student.'


def load_checkpoint(checkpoint: str | Path) -> dict:
    """Read a checkpoint on the CPU.

    Args:
        checkpoint (str | Path): The file.

    Returns:
        dict: What is in it, with ``state_dict``.
    """
    loaded = CheckpointLoader.load_checkpoint(str(checkpoint), map_location='cpu', logger='silent')
    return loaded if 'state_dict' in loaded else dict(state_dict=loaded)


def student_weights(state_dict: dict[str, Tensor]) -> dict[str, Tensor]:
    """A plain recogniser's weights, without the parts that only a distillation has.

    Args:
        state_dict (dict[str, Tensor]): Of a ``KDRecognizer`` or of a plain recogniser.

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


def load_student_weights(model: nn.Module, checkpoint: str | Path) -> None:
    """Load a checkpoint of either kind into a plain recogniser.

    Args:
        model (nn.Module): The recogniser, wrapped for distribution or not.
        checkpoint (str | Path): The file.

    Raises:
        ValueError: If the weights are not this model's.
    """
    weights = student_weights(load_checkpoint(checkpoint)['state_dict'])
    try:
        getattr(model, 'module', model).load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(
            f'checkpoint {checkpoint} does not fit the model of the config; use the config that '
            f'it was trained with. {error}'
        ) from None
