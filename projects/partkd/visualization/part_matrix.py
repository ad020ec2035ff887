from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from partkd.layouts import PART_NAMES

from .pictures import save_picture


def draw_part_matrix(
    weights: np.ndarray, file: str | Path, classes: Sequence[str] | None = None
) -> None:
    """Draw how much each part matters for each action, as the paper's Fig. 5.

    Args:
        weights (np.ndarray): E of Eq. 13, (num_classes, 5).
        file (str | Path): The picture to write.
        classes (Sequence[str], optional): Names of the actions. Defaults to None, their numbers.
    """
    num_classes = len(weights)
    names = classes or [str(number) for number in range(num_classes)]
    figure = Figure(figsize=(4.5, 1.2 + 0.2 * num_classes), layout='constrained')
    axis = figure.subplots()
    image = axis.imshow(weights, cmap='Blues', aspect='auto', vmin=0)
    axis.set_xticks(range(len(PART_NAMES)), [name.replace('_', ' ') for name in PART_NAMES])
    axis.set_yticks(range(num_classes), names)
    axis.tick_params(axis='x', rotation=30)
    axis.tick_params(labelsize=8)
    axis.set_ylabel('action')
    figure.colorbar(image, label='weight of the part')
    save_picture(figure, file)
