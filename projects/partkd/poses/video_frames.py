"""Frames of a video."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

VIDEO_SUFFIXES = frozenset(('.avi', '.mkv', '.mov', '.mp4', '.mpg', '.webm'))


@dataclass(frozen=True)
class Video:
    """An opened video.

    Args:
        height (int): Of its pictures in pixels, the right way up.
        width (int): The same.
        rate (float): Frames a second; 0 where the file does not say.
        scale (tuple[float, float]): What x and y in its frames are multiplied by to be those of its
            pictures; 1 where frames were not shrunk.
        frames (Iterator[np.ndarray]): Its frames in order, (H, W, 3) uint8 RGB. They can be taken
            once.
    """

    height: int
    width: int
    rate: float
    scale: tuple[float, float]
    frames: Iterator[np.ndarray]


def open_video(file: Path | int, size: int | None = None) -> Video:
    """Open a video. Its frames are turned as the file says.

    Args:
        file (Path | int): The video, or the number of a camera.
        size (int, optional): Pixels that the longer side of a frame is shrunk to. Defaults to None,
            as it is.

    Returns:
        Video: Read frame by frame, one in memory at a time.

    Raises:
        ValueError: If there is no frame that can be read.
    """
    capture = cv2.VideoCapture(file if isinstance(file, int) else str(file))
    capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
    is_read, first = capture.read()
    if not is_read:
        capture.release()
        raise ValueError('no frame of it can be read: it is no video, empty, or of an unknown kind')
    height, width = first.shape[:2]
    shape = _shrunk(height, width, size)
    return Video(
        height=height,
        width=width,
        rate=max(capture.get(cv2.CAP_PROP_FPS), 0.0),
        scale=(width / shape[0], height / shape[1]),
        frames=_frames(capture, first, shape),
    )


def shrink(frame: np.ndarray, size: int | None) -> np.ndarray:
    """A frame as an estimator sees it that is given frames of a size.

    Args:
        frame (np.ndarray): (H, W, 3) uint8.
        size (int, optional): Pixels that the longer side is shrunk to; None, as it is.

    Returns:
        np.ndarray: (H', W', 3) uint8.
    """
    height, width = frame.shape[:2]
    return _resized(frame, _shrunk(height, width, size))


def _shrunk(height: int, width: int, size: int | None) -> tuple[int, int]:
    """Width and height."""
    share = min(1.0, (size or max(height, width)) / max(height, width))
    return max(1, round(width * share)), max(1, round(height * share))


def _resized(frame: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    if frame.shape[1::-1] == shape:
        return frame
    return cv2.resize(frame, shape, interpolation=cv2.INTER_AREA)


def _frames(
    capture: cv2.VideoCapture, first: np.ndarray, shape: tuple[int, int]
) -> Iterator[np.ndarray]:
    is_read, frame = True, first
    try:
        while is_read:
            yield cv2.cvtColor(_resized(frame, shape), cv2.COLOR_BGR2RGB)
            is_read, frame = capture.read()
    finally:
        capture.release()
