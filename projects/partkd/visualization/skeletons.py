from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from partkd.layouts import PART_NAMES, PoseLayout

from .colours import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION
from .pictures import save_picture

PART_COLOURS = (PURPLE, BLUE, ORANGE, GREEN, VERMILION)
TRUNK_COLOUR = GREY

Row = tuple[str, np.ndarray, PoseLayout]


def draw_skeletons(
    rows: Sequence[Row],
    file: str | Path,
    num_frames: int = 6,
    caption: str = '',
) -> None:
    """Draw clips below each other, a few frames of each, parts in their colours.

    Args:
        rows (Sequence): Title, positions (M, T, V, 2 or 3) and layout of every clip. In 2D y
            points down, as in an image; in 3D the person is seen from the front or from behind,
            whatever the axes. A joint at the origin of all axes is missing and not drawn.
        file (str | Path): The picture to write.
        num_frames (int): Frames of each clip. Defaults to 6.
        caption (str): What stands above. Defaults to ''.
    """
    figure = Figure(figsize=(1.8 * num_frames, 2.6 * len(rows)), layout='constrained')
    axes = figure.subplots(len(rows), num_frames, squeeze=False)
    for row, (title, keypoint, layout) in zip(axes, rows, strict=True):
        view = View.of(keypoint, layout)
        for axis, frame in zip(row, view.moments(num_frames), strict=True):
            view.draw(axis, frame)
            axis.set_title(f'frame {frame}', fontsize=8)
        row[0].set_ylabel(title)
    if caption:
        figure.suptitle(caption, fontsize=10)
    name_parts(figure)
    save_picture(figure, file)


def name_parts(figure: Figure) -> None:
    """Say below which part has which colour.

    Args:
        figure (Figure): Of skeletons.
    """
    parts = [name.replace('_', ' ') for name in PART_NAMES]
    lines = [Line2D([], [], color=colour, linewidth=2) for colour in PART_COLOURS]
    figure.legend(
        lines, parts, loc='outside lower center', ncols=len(parts), fontsize=8, frameon=False
    )


@dataclass(frozen=True)
class View:
    """A clip as it is drawn.

    Args:
        keypoint (np.ndarray): Horizontal and vertical positions, (M, T, V, 2).
        layout (PoseLayout): Of its joints.
        is_upside_down (bool): Whether the vertical points down.
        low (np.ndarray): The least positions, (2,).
        high (np.ndarray): The greatest, (2,).
    """

    keypoint: np.ndarray
    layout: PoseLayout
    is_upside_down: bool
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, keypoint: np.ndarray, layout: PoseLayout) -> 'View':
        """Look at a clip from the front, see :func:`draw_skeletons`."""
        seen, is_upside_down = _seen_from_the_front(keypoint, layout)
        places = seen[np.any(seen != 0, axis=-1)]
        if not len(places):  # all of it is missing
            places = np.array([[0, 0], [1, 1]])
        low, high = places.min(0), places.max(0)
        margin = 0.05 * (high - low).max() or 1.0
        return cls(seen, layout, is_upside_down, low - margin, high + margin)

    def moments(self, count: int) -> list[int]:
        """Frames that are evenly spread over the clip, which may repeat."""
        return np.linspace(0, self.keypoint.shape[1] - 1, count).astype(int).tolist()

    def draw(self, axis: Axes, frame: int) -> None:
        """Draw one frame, in the limits of the whole clip."""
        for person in self.keypoint[:, frame]:
            _draw_person(axis, person, self.layout)
        (left, bottom), (right, top) = self.low, self.high
        axis.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[])
        axis.set_aspect('equal')
        if self.is_upside_down:
            axis.invert_yaxis()


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
    links = [[outer, inner] for outer, inner in layout.links if seen[outer] and seen[inner]]
    of_links = [
        colours[outer] if colours[outer] == colours[inner] else TRUNK_COLOUR
        for outer, inner in links
    ]
    places = [person[link] for link in links]
    axis.add_collection(LineCollection(places, colors=of_links, linewidths=1.5))
    x, y = person[seen].T
    axis.scatter(x, y, c=list(colours[seen]), s=8, zorder=2)
