from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from partkd.layouts import PoseLayout

PART_COLOURS = ('tab:purple', 'tab:blue', 'tab:orange', 'tab:green', 'tab:red')
TRUNK_COLOUR = 'tab:gray'


def draw_skeletons(
    rows: Sequence[tuple[str, np.ndarray, PoseLayout]],
    file: str | Path,
    num_frames: int = 6,
) -> None:
    """Draw clips below each other, a few frames of each, parts in their colours.

    Args:
        rows (Sequence): Title, positions (M, T, V, 2 or 3) and layout of every clip. In 2D y
            points down, as in an image; in 3D up, and depth is left out. A joint at the origin of
            all axes is missing and not drawn.
        file (str | Path): The picture to write.
        num_frames (int): Frames of each clip. Defaults to 6.
    """
    figure = Figure(figsize=(1.8 * num_frames, 2.6 * len(rows)), layout='constrained')
    axes = figure.subplots(len(rows), num_frames, squeeze=False)
    for row, (title, keypoint, layout) in zip(axes, rows, strict=True):
        places = keypoint[np.any(keypoint != 0, axis=-1)][:, :2]
        low, high = places.min(0), places.max(0)
        frames = np.linspace(0, keypoint.shape[1] - 1, num_frames).astype(int)
        for axis, frame in zip(row, frames, strict=True):
            for person in keypoint[:, frame]:
                _draw_person(axis, person, layout)
            axis.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xticks=[], yticks=[])
            axis.set_aspect('equal')
            axis.set_title(f'frame {frame}', fontsize=8)
            if keypoint.shape[-1] == 2:
                axis.invert_yaxis()
        row[0].set_ylabel(title)
    figure.savefig(file, dpi=120)


def _draw_person(axis, person: np.ndarray, layout: PoseLayout) -> None:
    colours = np.full(layout.num_joints, TRUNK_COLOUR, dtype=object)
    for colour, joints in zip(PART_COLOURS, layout.parts, strict=True):
        colours[list(joints)] = colour
    seen = np.any(person != 0, axis=-1)
    for outer, inner in layout.links:
        if seen[outer] and seen[inner]:
            colour = colours[outer] if colours[outer] == colours[inner] else TRUNK_COLOUR
            axis.plot(*person[[outer, inner], :2].T, color=colour, linewidth=1.5)
    axis.scatter(*person[seen, :2].T, c=list(colours[seen]), s=8, zorder=2)
