"""Clips with the lengths and persons of NTU RGB+D 60, and noise for coordinates."""

from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist

import numpy as np

from partkd.datasets import save_annotations

NUM_CLASSES = 60
MOST_PERSONS = 2
IMAGE = 1080, 1920  # height and width


def num_frames(count: int) -> np.ndarray:
    """Lengths of clips, the same in every run.

    Args:
        count (int): N, how many clips.

    Returns:
        np.ndarray: (N,) int in ascending order, at the quantiles of a log-normal distribution:
        from 30 to 300 frames with a mean of 80.
    """
    shares = (np.arange(count) + 0.5) / count
    lengths = np.exp([NormalDist(4.305, 0.4).inv_cdf(share) for share in shares])
    return lengths.clip(30, 300).round().astype(int)


def num_persons(count: int) -> np.ndarray:
    """Persons of clips: two in every sixth, else one.

    Args:
        count (int): N, how many clips.

    Returns:
        np.ndarray: (N,) int.
    """
    return 1 + (np.arange(count) % 6 == 3)


def write_clips(path: str | Path, dims: int, frames: Sequence[int]) -> None:
    """Write clips of noise: 25 joints of a Kinect in space, or 17 of an image with scores.

    Args:
        path (str | Path): The annotation file. Its one split is ``'all'``.
        dims (int): 3 or 2.
        frames (Sequence[int]): Length of each clip, (N,).
    """
    rng = np.random.default_rng(0)

    def noise(*shape: int) -> np.ndarray:
        return rng.uniform(0.1, 1, shape).astype(np.float32)  # never 0, a missing joint

    clips = []
    for number, (length, persons) in enumerate(zip(map(int, frames), num_persons(len(frames)))):
        label = int(rng.integers(NUM_CLASSES))
        clip = dict(frame_dir=f'clip_{number:08}', label=label, total_frames=length)
        if dims == 3:
            clip['keypoint'] = noise(persons, length, 25, 3)
        else:
            clip['keypoint'] = noise(persons, length, 17, 2) * IMAGE[0]
            clip['keypoint_score'] = noise(persons, length, 17)
            clip['img_shape'] = IMAGE
        clips.append(clip)
    save_annotations(clips, {'all': [clip['frame_dir'] for clip in clips]}, path)
