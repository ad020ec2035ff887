"""Drawn people whose joints are known: left is red, right is blue."""

from pathlib import Path

import cv2
import numpy as np

WIDTH, HEIGHT = 96, 128
# COCO's joints of somebody who faces the camera, in pixels
STANDING = np.array(
    [
        (48, 24), (52, 20), (44, 20), (57, 23), (39, 23), (60, 42), (36, 42), (68, 56), (28, 56),
        (72, 70), (24, 70), (56, 72), (40, 72), (58, 92), (38, 92), (60, 112), (36, 112),
    ],
    np.float32,
)  # fmt: skip
LINKS = [(5, 7), (7, 9), (11, 13), (13, 15), (6, 8), (8, 10), (12, 14), (14, 16), (5, 11), (6, 12)]


def colour(joint: int) -> tuple[int, int, int]:
    """RGB: red on the left, blue on the right, and more green further down."""
    green = 30 + 12 * joint
    return (255, green, 255) if joint == 0 else (255, green, 0) if joint % 2 else (0, green, 255)


def random_pose(generator: np.random.Generator) -> np.ndarray:
    """Somebody near the middle, (17, 2)."""
    middle = np.array([WIDTH, HEIGHT]) / 2
    scale = generator.uniform(0.8, 1.0)
    moved = (STANDING - middle) * scale + middle + generator.uniform(-6, 6, 2)
    return (moved + generator.normal(0, 2.5, STANDING.shape)).astype(np.float32)


def draw(pose: np.ndarray) -> np.ndarray:
    """The picture of a pose, (H, W, 3) uint8 RGB."""
    picture = np.full((HEIGHT, WIDTH, 3), 40, np.uint8)
    points = [tuple(int(side) for side in point) for point in pose.round()]
    for a, b in LINKS:
        cv2.line(picture, points[a], points[b], colour(b), 2)
    for joint, point in enumerate(points):
        cv2.circle(picture, point, 2, colour(joint), -1)
    return picture


def write_video(file: Path, frames: int, seed: int = 0) -> tuple[Path, np.ndarray]:
    """A video of somebody who moves from one pose to another, and the poses (T, 17, 2)."""
    generator = np.random.default_rng(1000 + seed)
    first, last = random_pose(generator), random_pose(generator)
    poses = np.stack([first + (last - first) * share for share in np.linspace(0, 1, frames)])
    file.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*'mp4v'), 12.0, (WIDTH, HEIGHT))
    for pose in poses:
        writer.write(cv2.cvtColor(draw(pose), cv2.COLOR_RGB2BGR))
    writer.release()
    return file, poses
