from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .colours import COLOURS, GREY
from .pictures import save_picture

Row = tuple[str, np.ndarray | None, np.ndarray | None, Sequence[str]]
_MOST = 5


def draw_answers(columns: Sequence[Row], file: str | Path) -> None:
    """Draw what models say of a clip, side by side, and how that changes as it goes on.

    Args:
        columns (Sequence): Of each model its title, how many frames were seen (K,), probabilities
            then (K, num_classes), and the names of the classes; both arrays are None where it saw
            nobody.
        file (str | Path): The picture to write.
    """
    figure = Figure(figsize=(4.2 * len(columns), 5.2), layout='constrained')
    axes = figure.subplots(2, len(columns), squeeze=False)
    for (above, below), (title, frames, scores, names) in zip(axes.T, columns, strict=True):
        above.set_title(title, fontsize=10)
        if scores is None or frames is None:
            above.text(0.5, 0.5, 'nobody', ha='center', va='center', color=GREY)
            above.set_axis_off()
            below.set_axis_off()
            continue
        most = np.argsort(-scores[-1], kind='stable')[:_MOST]
        _bars(above, scores[-1, most], [names[label] for label in most])
        for colour, label in zip(COLOURS, most, strict=False):
            below.plot(frames, scores[:, label], color=colour, marker='.')
        below.set(ylim=(0, 1.02), xlabel='frames seen')
    save_picture(figure, file)


def _bars(axis: Axes, scores: np.ndarray, names: Sequence[str]) -> None:
    places = np.arange(len(scores))
    axis.barh(places, scores, color=COLOURS[: len(scores)])
    axis.set_yticks(places, [name[:28] for name in names], fontsize=8)
    axis.invert_yaxis()
    axis.set_xlim(0, 1)
    axis.set_xlabel('probability', fontsize=8)
