"""The good clips of a dataset, in memory as they are in the file."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from .clip_names import NameIndex, encode_names


class Clips(ABC):
    """Clips with names and labels, of which a part can be taken. Nothing changes them.

    Args:
        names (np.ndarray): (N,) names, see :func:`partkd.datasets.annotations.encode_names`.
        labels (np.ndarray): (N,) int64; -1 for a clip without one.
        sizes (np.ndarray): Persons and frames, (N, 2) int64.
    """

    def __init__(self, names: np.ndarray, labels: np.ndarray, sizes: np.ndarray) -> None:
        self.names = names
        self.labels = labels
        self.sizes = sizes

    def __len__(self) -> int:
        return len(self.names)

    @abstractmethod
    def __getitem__(self, row: int) -> dict:
        """One clip."""

    @abstractmethod
    def take(self, rows: np.ndarray) -> 'Clips':
        """Some of the clips, (K,) places."""

    def __deepcopy__(self, memo: dict) -> 'Clips':
        """mmengine copies a dataset to take a part of it; what nothing changes needs no copy."""
        return self

    @cached_property
    def index(self) -> NameIndex:
        """Finds clips by their names."""
        return NameIndex(self.names)


class ListedClips(Clips):
    """Clips as the annotation file has them.

    Args:
        clips (Sequence[dict]): Checked annotations.
    """

    def __init__(self, clips: Sequence[dict]) -> None:
        super().__init__(
            encode_names(clip['frame_dir'] for clip in clips),
            np.array([_label_of(clip) for clip in clips], dtype=np.int64),
            np.array([clip['keypoint'].shape[:2] for clip in clips], dtype=np.int64).reshape(-1, 2),
        )
        self._clips = clips

    def __getitem__(self, row: int) -> dict:
        """One annotation."""
        return self._clips[row]

    def take(self, rows: np.ndarray) -> 'ListedClips':
        """Some of the clips, (K,) places."""
        return ListedClips([self._clips[row] for row in rows])


def _label_of(clip: dict) -> int:
    label = clip.get('label')
    return -1 if label is None else label
