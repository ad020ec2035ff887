"""Videos of a white square on black, and an estimator that finds it."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from partkd.poses import POSE_ESTIMATORS, PoseEstimator

JOINTS, BODY = 17, 33  # of COCO and of BlazePose
WIDTH, HEIGHT, RATE = 64, 48, 12.0


class Square(PoseEstimator):
    """COCO's joints in a row from corner to corner of what is white: joint 8 is in its middle."""

    layout = 'coco'
    joints = JOINTS

    def __init__(self, brightness: int = 128) -> None:
        self.brightness = brightness
        self.seen: list[tuple[int, int]] = []

    def estimate(self, frames):
        for frame in frames:
            self.seen.append(frame.shape[:2])
            rows, columns = np.nonzero(frame.mean(-1) > self.brightness)
            if not len(rows):
                yield np.empty((0, self.joints, 3))
                continue
            corners = [(side.min() + 0.5, side.max() + 0.5) for side in (columns, rows)]
            x, y = (np.linspace(*side, self.joints) for side in corners)
            yield np.stack([x, y, np.full(self.joints, 0.9)], axis=1)[None]


@pytest.fixture(autouse=True)
def square(monkeypatch) -> type[Square]:
    monkeypatch.setitem(POSE_ESTIMATORS.module_dict, 'square', Square)
    return Square


def middle(frame: int) -> tuple[float, float]:
    """Of the square, in pixels."""
    return 16.0 + 2 * frame, 20.0


@pytest.fixture
def draw(tmp_path) -> Callable[..., Path]:
    """Draws a video whose square moves to the right; it is gone in some frames."""

    def run(name: str, frames: int = 6, gone: tuple[int, ...] = ()) -> Path:
        file = tmp_path / 'videos' / name
        file.parent.mkdir(parents=True, exist_ok=True)
        writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*'mp4v'), RATE, (WIDTH, HEIGHT))
        for frame in range(frames):
            picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
            if frame not in gone:
                x, y = (round(side) for side in middle(frame))
                picture[y - 8 : y + 8, x - 8 : x + 8] = 255
            writer.write(picture)
        writer.release()
        return file

    return run
