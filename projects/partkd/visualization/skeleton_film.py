from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from partkd.files import replacing

from .skeletons import Row, View, name_parts

MOMENTS = 30
_MILLISECONDS = 100  # which viewers show evenly


def film_skeletons(columns: Sequence[Row], file: str | Path, caption: str = '') -> None:
    """Film clips side by side as a GIF; all begin and end together, whatever their frame rates.

    Args:
        columns (Sequence): Title, positions and layout of every clip, see :func:`draw_skeletons`.
        file (str | Path): The GIF to write.
        caption (str): What stands above. Defaults to ''.
    """
    views = [View.of(keypoint, layout) for _, keypoint, layout in columns]
    figure = Figure(figsize=(3.4 * len(columns), 4.6), dpi=90, layout='constrained')
    canvas = FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(columns), squeeze=False)[0]
    if caption:
        figure.suptitle(caption, fontsize=9)
    name_parts(figure)
    pictures = []
    for frames in zip(*(view.moments(MOMENTS) for view in views), strict=True):
        for axis, view, frame, (title, _, _) in zip(axes, views, frames, columns, strict=True):
            for artist in list(axis.collections):  # clearing all of the axis takes longer
                artist.remove()
            view.draw(axis, frame)
            axis.set_title(title, fontsize=9)
            axis.set_xlabel(f'frame {frame}', fontsize=8)
        canvas.draw()
        figure.set_layout_engine('none')  # that of the first picture, which takes its time
        pixels = np.asarray(canvas.buffer_rgba())[..., :3]
        pictures.append(Image.fromarray(pixels.copy()).quantize(256))
    first, *others = pictures
    with replacing(file) as out:
        first.save(out, 'GIF', save_all=True, append_images=others, duration=_MILLISECONDS, loop=0)
