"""What a pose estimator is here, and how one is named."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.registry import Registry

from partkd.arguments import named_settings
from partkd.layouts import PoseLayout
from partkd.messages import shown

POSE_ESTIMATORS = Registry('pose estimator', scope='partkd')


class PoseEstimator(ABC):
    """Finds people's joints in pictures: the base class of all estimators.

    One is registered in ``POSE_ESTIMATORS`` under the name that the command line knows. Packages
    that it needs are imported when it is built, not when its module is.
    """

    layout: str | PoseLayout
    """The layout of its joints."""
    files: tuple[Path, ...] = ()
    """What it found is estimated again when one of these has changed."""
    starts_threads: bool = False
    """Whether to build it starts threads or takes a GPU, which processes cannot inherit."""
    follows_one_person: bool = False
    """Whether whoever it finds in a video is the same person, wherever they turn up."""

    @abstractmethod
    def estimate(self, frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """The people in each frame of one video.

        Args:
            frames (Iterable[np.ndarray]): Its frames in order, (H, W, 3) uint8 RGB.

        Yields:
            np.ndarray: The people of a frame, (n, V, 3): x and y in pixels, a score from 0 to 1.
            n is 0 where there is nobody.
        """


def read_estimator(text: str) -> dict[str, Any]:
    """Read an estimator as the command line has it.

    Args:
        text (str): ``NAME``, or ``NAME:key=value,key=value``; keys are its arguments.

    Returns:
        dict[str, Any]: Its config.

    Raises:
        ValueError: If a setting is none, or there is no such estimator.
    """
    name, settings = named_settings(text)
    config = dict(type=name) | settings
    _kind(config)
    return config


def build_estimator(config: Mapping[str, Any]) -> PoseEstimator:
    """Build an estimator.

    Args:
        config (Mapping[str, Any]): Its name as ``type``, and its arguments.

    Returns:
        PoseEstimator: Ready to be used.

    Raises:
        ValueError: If there is no such estimator, or it has no such arguments.
    """
    kind = _kind(config)
    try:
        return kind(**{key: value for key, value in config.items() if key != 'type'})
    except TypeError as error:
        raise ValueError(
            f'the estimator {shown(config["type"])} cannot be built: {error}'
        ) from error


def _kind(config: Mapping[str, Any]) -> type[PoseEstimator]:
    kind = POSE_ESTIMATORS.module_dict.get(config.get('type'))
    if kind is None:
        known = ', '.join(sorted(POSE_ESTIMATORS.module_dict))
        raise ValueError(
            f'there is no pose estimator {shown(config.get("type"))}; there are {known}'
        )
    return kind
