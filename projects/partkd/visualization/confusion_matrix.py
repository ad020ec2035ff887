from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from .pictures import save_picture

_MOST_NUMBERS = 30  # classes, up to which the counts can be read


def draw_confusion_matrix(matrix: np.ndarray, file: str | Path, classes: Sequence[str]) -> None:
    """Draw which class is taken for which: cells as dark as their share of the row's clips.

    Args:
        matrix (np.ndarray): Clips of each class (rows) taken for each (columns), (num_classes,
            num_classes).
        file (str | Path): The picture to write.
        classes (Sequence[str]): Names of the classes.
    """
    num_classes = len(matrix)
    shares = matrix / np.maximum(1, matrix.sum(1, keepdims=True))
    side = 2.5 + 0.3 * num_classes
    figure = Figure(figsize=(side + 1, side), layout='constrained')
    axis = figure.subplots()
    image = axis.imshow(shares, cmap='Blues', vmin=0, vmax=1)
    axis.set_xticks(range(num_classes), classes, rotation=90)
    axis.set_yticks(range(num_classes), classes)
    axis.tick_params(labelsize=8)
    axis.set(xlabel='taken for', ylabel='class')
    if num_classes <= _MOST_NUMBERS:
        for row, column in np.argwhere(matrix):
            colour = 'white' if shares[row, column] > 0.5 else 'black'
            number = str(matrix[row, column])
            axis.text(column, row, number, ha='center', va='center', color=colour, fontsize=7)
    figure.colorbar(image, label="share of the class's clips", shrink=0.6)
    save_picture(figure, file)
