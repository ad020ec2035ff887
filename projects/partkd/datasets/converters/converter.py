"""What every converter has: files in, clips out, and the splits that they are in."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.registry import Registry

from partkd.datasets.annotations import check_clip
from partkd.layouts import get_layout

CONVERTERS = Registry('skeleton converter', scope='partkd')

Origin = Mapping[str, Any]
Rule = Callable[[Origin], bool]


@dataclass(frozen=True)
class Clip:
    """One clip as it was read.

    Args:
        annotation (dict): What the annotation file has of it.
        origin (Mapping[str, Any]): Where it is from: ``subject``, ``camera`` and whatever else
            splits go by. Not written.
    """

    annotation: dict
    origin: Origin = field(default_factory=dict)


class Converter(ABC):
    """One publisher's files to clips: the base class of all converters.

    A converter is a class in a file of its own, registered in ``CONVERTERS`` under the name that
    the command line knows. It says which files there are, reads one, and names the splits.

    Args:
        src (str | Path): Folder of the publisher's files.
    """

    layout: str
    classes: Sequence[str] = ()
    pattern: str  # of the files that are read, in any folder below
    download: str  # what the folder is of
    sources_of_a_part = 32  # that are kept together, and are a step of the progress bar
    start_method: str | None = None  # of its processes, as multiprocessing names it

    def __init__(self, src: str | Path) -> None:
        self.src = Path(src)

    def sources(self) -> list[Path]:
        """The files, each of which is read by itself.

        Returns:
            list[Path]: In the order that their clips will have.

        Raises:
            FileNotFoundError: Where there is none.
        """
        return require_found(sorted(self.src.rglob(self.pattern)), self)

    def name_of(self, source: Path) -> str:
        """The name by which a source can be left out."""
        return source.name if source.is_dir() else source.stem

    def inputs(self, source: Path) -> list[Path]:
        """The files that the clips of a source depend on: changed ones are read again."""
        return [source]

    def code(self) -> list[Path]:
        """Files of code that its clips depend on, beside those of this package."""
        file = getattr(sys.modules.get(type(self).__module__), '__file__', None)
        return [Path(file)] if file else []

    @abstractmethod
    def read(self, source: Path) -> Iterable[Clip]:
        """The clips of a source.

        Args:
            source (Path): One of :meth:`sources`.

        Returns:
            Iterable[Clip]: Its clips.

        Raises:
            ValueError: If the file is bad: which line or field, and what to do. Its name is added.
        """

    def split_rules(self) -> Mapping[str, Rule]:
        """Name of each split, and whether a clip of some origin is in it."""
        return {}

    def fault_of(self, annotation: dict) -> str | None:
        """What is wrong with a clip, None where nothing is."""
        return check_clip(annotation, get_layout(self.layout), len(self.classes) or None)


def require_found(sources: list[Path], converter: Converter) -> list[Path]:
    """Raises FileNotFoundError where a converter has found no file."""
    if not sources:
        raise FileNotFoundError(
            f'no {converter.pattern} in {converter.src}: set the folder of {converter.download}'
        )
    return sources


def is_in(key: str, values: Collection) -> Rule:
    """The split of clips whose origin has one of these values."""
    return lambda origin: origin[key] in values


def is_not_in(key: str, values: Collection) -> Rule:
    """The split of all other clips."""
    return lambda origin: origin[key] not in values


def in_two(name: str, key: str, train: Collection) -> dict[str, Rule]:
    """The splits ``name_train``, whose origin has one of these values, and ``name_val``."""
    return {f'{name}_train': is_in(key, train), f'{name}_val': is_not_in(key, train)}


def make_annotation(
    name: str, label: int, keypoint: np.ndarray, score: np.ndarray | None = None
) -> dict:
    """One entry of ``annotations``.

    Args:
        name (str): ``frame_dir``.
        label (int): From 0 on.
        keypoint (np.ndarray): (M, T, V, C).
        score (np.ndarray, optional): (M, T, V). Defaults to None, for a source without scores.

    Returns:
        dict: With float32 arrays.
    """
    annotation = {
        'frame_dir': name,
        'label': label,
        'total_frames': keypoint.shape[1],
        'keypoint': np.ascontiguousarray(keypoint, np.float32),
    }
    if score is not None:
        annotation['keypoint_score'] = np.ascontiguousarray(score, np.float32)
    return annotation
