from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from .colours import BLUE, ORANGE
from .pictures import save_picture


def draw_class_changes(
    before: np.ndarray, after: np.ndarray, classes: Sequence[str], title: str, file: str | Path
) -> None:
    """Draw by how much the accuracy of classes rises and falls.

    Args:
        before (np.ndarray): Accuracy of K classes in [0, 1], (K,).
        after (np.ndarray): Of the other model, (K,).
        classes (Sequence[str]): Their names.
        title (str): What is compared.
        file (str | Path): The picture to write.
    """
    points = 100 * (after - before)
    figure = Figure(figsize=(7, 1.4 + 0.32 * len(classes)), layout='constrained')
    axis = figure.subplots()
    colours = [BLUE if point > 0 else ORANGE for point in points]
    bars = axis.barh(range(len(classes)), points, color=colours)
    told = [f'{100 * one:.0f} → {100 * other:.0f} %' for one, other in zip(before, after)]
    axis.bar_label(bars, told, padding=4, fontsize=8)
    axis.set_yticks(range(len(classes)), classes, fontsize=9)
    axis.invert_yaxis()
    axis.axvline(0, color='black', linewidth=0.8)
    axis.margins(x=0.25)
    axis.set_xlabel('points of accuracy')
    axis.set_title(title, fontsize=10)
    save_picture(figure, file)
