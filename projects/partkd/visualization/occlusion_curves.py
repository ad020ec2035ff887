from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from .colours import BLACK, COLOURS, MARKERS
from .pictures import save_picture


def draw_occlusion_curves(
    panels: Mapping[str, Mapping[str, np.ndarray]], reference: str, file: str | Path
) -> None:
    """Draw how accuracy falls with occlusion, and in bands how far seeds scatter.

    Args:
        panels (Mapping): By what is occluded at once, curves by their names: rows of K
            probabilities in rising order, each with the mean top-1 in [0, 1] and the deviation
            over seeds, NaN for a single seed, (K, 3).
        reference (str): Name of the curve that is drawn dashed, such as the teacher's.
        file (str | Path): The picture to write.
    """
    figure = Figure(figsize=(4.5 + 4.5 * len(panels), 4.5), layout='constrained')
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    names = list(dict.fromkeys(name for curves in panels.values() for name in curves))
    others = [name for name in names if name != reference]
    for axis, (title, curves) in zip(axes, panels.items(), strict=True):
        for name, rows in curves.items():
            prob, mean, deviation = np.array(rows).T * [[1], [100], [100]]
            if name == reference:
                style = dict(color=BLACK, linestyle='--')
            else:
                place = others.index(name)
                style = dict(
                    color=COLOURS[place % len(COLOURS)],
                    marker=MARKERS[place % len(MARKERS)],
                    linestyle='-' if place < len(COLOURS) else ':',
                )
            axis.plot(prob, mean, label=name, **style)
            axis.fill_between(
                prob, mean - deviation, mean + deviation, color=style['color'], alpha=0.15, lw=0
            )
        axis.set(title=title, xlabel='probability of occlusion', ylim=(0, 100))
        axis.set_xticks(sorted({prob for rows in curves.values() for prob in rows[:, 0].tolist()}))
        axis.grid(alpha=0.3)
    axes[0].set_ylabel('top-1 (%)')
    figure.legend(*axes[0].get_legend_handles_labels(), loc='outside right upper', fontsize=9)
    save_picture(figure, file)
