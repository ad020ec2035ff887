"""The part matrix as a picture."""

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from partkd.layouts import PART_NAMES


def draw_part_matrix(weights: np.ndarray, file: str | Path) -> None:
    """Draw how much each part matters for each action.

    Args:
        weights (np.ndarray): The part matrix E (Eq. 13), (num_classes, 5).
        file (str | Path): The picture to write; its suffix says what kind.
    """
    figure = Figure(figsize=(4.5, 1.5 + 0.2 * len(weights)), layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    image = axes.imshow(weights, aspect='auto', vmin=0, cmap='viridis')
    axes.set_xticks(range(len(PART_NAMES)), [name.replace('_', ' ') for name in PART_NAMES])
    axes.tick_params(axis='x', labelrotation=30)
    axes.set_yticks(range(len(weights)))
    axes.set_ylabel('action')
    figure.colorbar(image, label='weight')
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=150)
