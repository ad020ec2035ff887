"""Teachers that were never trained."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from mmaction.registry import MODELS
from mmengine.config import Config

from partkd.distillation.arrays import save_arrays
from partkd.distillation.teacher_fingerprint import fingerprint_of_model
from partkd.files import MadeOnce


def untrained_teacher(folder: Path, model: dict) -> dict:
    """Write the files of a teacher with random weights, which costs as much as a trained one.

    Args:
        folder (Path): Where to: ``teacher.py`` and ``teacher.pth``.
        model (dict): Config of the recogniser.

    Returns:
        dict: Config of the ``FrozenTeacher``, which says what PMSC, its global form and KL read.
    """
    config, checkpoint = str(folder / 'teacher.py'), str(folder / 'teacher.pth')
    Config(dict(model=model)).dump(config)
    torch.save(dict(state_dict=MODELS.build(model).state_dict()), checkpoint)
    reads = ('parts', 'pooled', 'logits')
    return dict(type='FrozenTeacher', config=config, checkpoint=checkpoint, reads=reads)


def write_files(folder: Path, teacher: dict, arrays: Mapping[str, np.ndarray]) -> str:
    """Files of a teacher as if it had made them.

    Args:
        folder (Path): Where to.
        teacher (dict): Config of the ``FrozenTeacher``.
        arrays (Mapping[str, np.ndarray]): By name.

    Returns:
        str: The folder.
    """
    files = MadeOnce(folder, fingerprint_of_model(teacher))
    files.make(lambda made: dict(outputs=save_arrays(made, arrays)))
    return str(folder)
