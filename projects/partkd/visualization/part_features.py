from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from partkd.layouts import PART_NAMES

from .colours import COLOURS, GREY, MARKERS
from .pictures import save_picture

_MOST = 6  # classes that are told apart by colour and form


def draw_part_features(
    sides: Mapping[str, np.ndarray],
    labels: np.ndarray,
    classes: Sequence[str],
    file: str | Path,
) -> None:
    """Draw where the part features of clips lie, a row for each side and a column for each part.

    Axes of a column have the same limits in all rows, so that places can be compared. The classes
    with the most clips are told apart, the others are grey.

    Args:
        sides (Mapping): By name, positions of the N clips' five parts, (N, 5, 2).
        labels (np.ndarray): Classes of the clips, (N,) int.
        classes (Sequence[str]): Names of all classes.
        file (str | Path): The picture to write.
    """
    figure = Figure(figsize=(11, 0.8 + 2.3 * len(sides)), layout='constrained')
    axes = figure.subplots(len(sides), len(PART_NAMES), sharex='col', sharey='col', squeeze=False)
    counts = np.bincount(labels, minlength=len(classes))
    chosen = [label for label in np.argsort(-counts, kind='stable')[:_MOST] if counts[label]]
    others = ~np.isin(labels, chosen)
    for row, (side, places) in zip(axes, sides.items(), strict=True):
        for axis, own in zip(row, places.swapaxes(0, 1), strict=True):
            axis.scatter(*own[others].T, c=GREY, s=8, alpha=0.4, label='other classes')
            for rank, label in enumerate(chosen):
                style = dict(color=COLOURS[rank], marker=MARKERS[rank], s=16, alpha=0.8, lw=0)
                axis.scatter(*own[labels == label].T, label=classes[label], **style)
            axis.set(xticks=[], yticks=[])
        row[0].set_ylabel(side)
    for axis, part in zip(axes[0], PART_NAMES, strict=True):
        axis.set_title(part.replace('_', ' '))
    handles, names = axes[0, 0].get_legend_handles_labels()
    kept = slice(None) if others.any() else slice(1, None)
    figure.legend(
        handles[kept], names[kept], loc='outside lower center', ncols=4, fontsize=9, markerscale=1.5
    )
    save_picture(figure, file)
