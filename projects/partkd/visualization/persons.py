from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image, ImageDraw, ImageFont

from partkd.layouts import PoseLayout

from .skeletons import PART_COLOURS, TRUNK_COLOUR

Colour = tuple[int, ...]
_LINES_OF_HEIGHT = 30  # of text that a picture has room for
_LEAST = 0.15  # of a part's colour where it does not matter at all


def draw_persons(
    picture: np.ndarray,
    persons: Sequence[np.ndarray],
    layout: PoseLayout,
    captions: Sequence[str],
    part_weights: Sequence[np.ndarray | None] | None = None,
) -> np.ndarray:
    """Draw skeletons into a picture, each with a caption above it.

    Args:
        picture (np.ndarray): (H, W, 3) uint8 RGB. It stays as it is.
        persons (Sequence[np.ndarray]): Of each its joints (V, 3): x and y in pixels, a score, 0
            where a joint was not seen.
        layout (PoseLayout): Of the joints.
        captions (Sequence[str]): Of each what stands above it; '' for nothing.
        part_weights (Sequence[np.ndarray | None], optional): Of each how much its parts matter,
            (5,) from 0 to 1: parts that matter less are paler. Defaults to None, all matter alike.

    Returns:
        np.ndarray: (H, W, 3) uint8 RGB.
    """
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    for number, (person, caption) in enumerate(zip(persons, captions, strict=True)):
        weights = part_weights[number] if part_weights is not None else None
        _draw_person(draw, person, layout, weights, width=max(2, picture.shape[0] // 150))
        if caption:
            _write(draw, caption, person, picture.shape)
    return np.asarray(image)


def _draw_person(
    draw: ImageDraw.ImageDraw,
    person: np.ndarray,
    layout: PoseLayout,
    weights: np.ndarray | None,
    width: int,
) -> None:
    seen, places = person[:, 2] > 0, [tuple(place) for place in person[:, :2].tolist()]
    of_joints = _colours(layout, weights)
    for outer, inner in layout.links:
        if seen[outer] and seen[inner]:
            is_of_part = of_joints[outer] == of_joints[inner]
            colour = of_joints[outer] if is_of_part else _rgb(TRUNK_COLOUR)
            draw.line([places[outer], places[inner]], fill=colour, width=width)
    for joint in np.flatnonzero(seen):
        x, y = places[joint]
        draw.ellipse([x - width, y - width, x + width, y + width], fill=of_joints[joint])


def _colours(layout: PoseLayout, weights: np.ndarray | None) -> list[Colour]:
    """Of each joint that of its part, paler where the part matters less."""
    colours = [_rgb(TRUNK_COLOUR)] * layout.num_joints
    strengths = np.ones(len(layout.parts)) if weights is None else weights / weights.max()
    for strength, hue, joints in zip(strengths, PART_COLOURS, layout.parts, strict=True):
        share = _LEAST + (1 - _LEAST) * float(strength)
        colour = tuple(round(255 - share * (255 - value)) for value in _rgb(hue))
        for joint in joints:
            colours[joint] = colour
    return colours


def _write(
    draw: ImageDraw.ImageDraw, caption: str, person: np.ndarray, shape: tuple[int, ...]
) -> None:
    """Above the highest joint, inside the picture, on a dark ground."""
    seen = person[person[:, 2] > 0, :2]
    if not len(seen):
        return
    font = _font(max(10, shape[0] // _LINES_OF_HEIGHT))
    _, _, right, bottom = draw.textbbox((0, 0), caption, font=font)
    x = float(np.clip(seen[:, 0].mean() - right / 2, 0, max(0, shape[1] - right)))
    y = float(max(0, seen[:, 1].min() - 1.5 * bottom))
    draw.rectangle([x - 2, y, x + right + 2, y + bottom + 2], fill=(0, 0, 0))
    draw.text((x, y), caption, fill=(255, 255, 255), font=font)


def _rgb(colour: str) -> Colour:
    return tuple(round(255 * value) for value in to_rgb(colour))


@lru_cache(maxsize=4)
def _font(size: int) -> ImageFont.FreeTypeFont:
    """Matplotlib's, which knows more letters than Pillow's own."""
    return ImageFont.truetype(Path(matplotlib.get_data_path(), 'fonts/ttf/DejaVuSans.ttf'), size)
