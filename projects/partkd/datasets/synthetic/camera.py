"""Cameras around a scene."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

IMAGE_SHAPE = (240, 320)
NUM_CAMERAS = 3
_AZIMUTHS = (-45.0, 0.0, 45.0)


@dataclass(frozen=True)
class Camera:
    """A pinhole camera; its axes are Kinect's: its own left, up, and the way it looks.

    Args:
        position (np.ndarray): Where it stands (3,), in metres.
        rotation (np.ndarray): From the world's axes to its own (3, 3).
        focal (float): Focal length in pixels.
        image_shape (tuple[int, int]): Height and width of the image. Defaults to (240, 320).
    """

    position: np.ndarray
    rotation: np.ndarray
    focal: float
    image_shape: tuple[int, int] = IMAGE_SHAPE

    @classmethod
    def draw(cls, rng: np.random.Generator, index: int) -> Camera:
        """Set up one of the three cameras, which look at the scene from the front and both sides.

        Args:
            rng (np.random.Generator): Source of the randomness.
            index (int): Which of them, from 0 on.
        """
        azimuth = np.deg2rad(_AZIMUTHS[index] + rng.uniform(-8, 8))
        distance = rng.uniform(2.9, 4.6)
        height = rng.uniform(1.0, 1.7)
        position = np.array([distance * np.sin(azimuth), height, distance * np.cos(azimuth)])
        pitch = np.arctan2(height - rng.uniform(0.85, 1.0), distance)
        # It looks back at the scene: half a turn away from where it stands.
        turn = Rotation.from_euler('YX', [azimuth + np.pi, pitch])
        return cls(position, turn.inv().as_matrix(), focal=rng.uniform(255, 275))

    def view(self, points: np.ndarray) -> np.ndarray:
        """Positions (..., 3) in the world as seen in the camera's axes, in metres."""
        return (points - self.position) @ self.rotation.T

    def project(self, points: np.ndarray) -> np.ndarray:
        """Project what the camera sees into its image.

        Args:
            points (np.ndarray): Positions (..., 3) in the camera's axes, in metres.

        Returns:
            np.ndarray: Pixels (..., 2), from the upper left corner to the right and down.
        """
        height, width = self.image_shape
        centre = np.array([width / 2, height / 2])
        # The camera's left is the left of its image, and x grows to the left.
        return centre - self.focal * points[..., :2] / points[..., 2:]
