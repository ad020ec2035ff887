from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from .pictures import save_picture


def draw_robustness(
    top1: np.ndarray, models: Sequence[str], degradations: Sequence[str], file: str | Path
) -> None:
    """Draw how well models do under degradations, as a heat map with its figures.

    Args:
        top1 (np.ndarray): Of R models under D degradations, (R, D), in [0, 1].
        models (Sequence[str]): Names of the rows.
        degradations (Sequence[str]): Names of the columns.
        file (str | Path): The picture to write.
    """
    rows, columns = top1.shape
    figure = Figure(figsize=(3 + 1.1 * columns, 2.2 + 0.4 * rows), layout='constrained')
    axis = figure.subplots()
    image = axis.imshow(100 * top1, cmap='Blues', aspect='auto', vmin=0, vmax=100)
    axis.set_xticks(range(columns), degradations, rotation=30, ha='right')
    axis.set_yticks(range(rows), models)
    axis.tick_params(labelsize=8)
    for row, column in np.ndindex(rows, columns):
        value = top1[row, column]
        colour = 'white' if value > 0.6 else 'black'
        axis.text(column, row, f'{100 * value:.1f}', ha='center', va='center', color=colour)
    figure.colorbar(image, label='top-1 (%)')
    save_picture(figure, file)
