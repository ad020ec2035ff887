from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from partkd.layouts import PoseLayout

from .pictures import save_picture

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
            points down, as in an image; in 3D the person is seen from the front or from behind,
            whatever the axes. A joint at the origin of all axes is missing and not drawn.
        file (str | Path): The picture to write.
        num_frames (int): Frames of each clip. Defaults to 6.
    """
    figure = Figure(figsize=(1.8 * num_frames, 2.6 * len(rows)), layout='constrained')
    axes = figure.subplots(len(rows), num_frames, squeeze=False)
    for row, (title, keypoint, layout) in zip(axes, rows, strict=True):
        keypoint, is_upside_down = _seen_from_the_front(keypoint, layout)
        places = keypoint[np.any(keypoint != 0, axis=-1)]
        low, high = places.min(0), places.max(0)
        frames = np.linspace(0, keypoint.shape[1] - 1, num_frames).astype(int)
        for axis, frame in zip(row, frames, strict=True):
            for person in keypoint[:, frame]:
                _draw_person(axis, person, layout)
            axis.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xticks=[], yticks=[])
            axis.set_aspect('equal')
            axis.set_title(f'frame {frame}', fontsize=8)
            if is_upside_down:
                axis.invert_yaxis()
        row[0].set_ylabel(title)
    save_picture(figure, file)


def _seen_from_the_front(keypoint: np.ndarray, layout: PoseLayout) -> tuple[np.ndarray, bool]:
    """Horizontal and vertical positions (M, T, V, 2), and whether the vertical points down.

    In 3D the vertical is along which the head is furthest from the legs, and the horizontal, of the
    others, along which left is furthest from right.
    """
    if keypoint.shape[-1] == 2:
        return keypoint, True

    def middle(joints: tuple[int, ...]) -> np.ndarray:
        places = keypoint[:, :, list(joints)]
        return places.sum((0, 1, 2)) / max(1, np.any(places != 0, axis=-1).sum())

    head, left_arm, right_arm, left_leg, right_leg = map(middle, layout.parts)
    height = head - (left_leg + right_leg) / 2
    width = left_arm + left_leg - right_arm - right_leg
    vertical = np.abs(height).argmax()
    width[vertical] = 0
    return keypoint[..., [np.abs(width).argmax(), vertical]], bool(height[vertical] < 0)


def _draw_person(axis: Axes, person: np.ndarray, layout: PoseLayout) -> None:
    colours = np.full(layout.num_joints, TRUNK_COLOUR, dtype=object)
    for colour, joints in zip(PART_COLOURS, layout.parts, strict=True):
        colours[list(joints)] = colour
    seen = np.any(person != 0, axis=-1)
    for outer, inner in layout.links:
        if seen[outer] and seen[inner]:
            colour = colours[outer] if colours[outer] == colours[inner] else TRUNK_COLOUR
            axis.plot(*person[[outer, inner]].T, color=colour, linewidth=1.5)
    x, y = person[seen].T
    axis.scatter(x, y, c=list(colours[seen]), s=8, zorder=2)
