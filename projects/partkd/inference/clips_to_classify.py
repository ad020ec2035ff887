"""Clips of which nothing is known yet: arrays, annotation files, files of estimators, videos."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from partkd.arguments import Whole, require
from partkd.datasets import CONVERTERS, EstimatedPoses, NobodyError, load_annotations
from partkd.layouts import PoseLayout
from partkd.messages import shown
from partkd.poses import VIDEO_SUFFIXES, VideoPoses

Clip = dict[str, Any]
ClipInput = str | Path | np.ndarray | Clip


@dataclass(frozen=True)
class ClipReader:
    """Makes clips of one layout from whatever holds some.

    Args:
        layout (PoseLayout): Of the joints that the model reads.
        estimator (Mapping[str, Any], optional): What finds the joints in videos, see
            :func:`partkd.poses.read_estimator`; ``size`` shrinks their frames first. Defaults to
            None, there are no videos.
        poses (str, optional): What wrote the files of poses: the name of a converter, such as
            ``'openpose'``. Defaults to None, there are none.
        img_shape (Sequence[int], optional): Height and width of the pictures in pixels, of clips
            that do not say it. Defaults to None.
        persons (int): How many are kept of a video or file of poses. Defaults to 2.

    Raises:
        ValueError: If the estimator or the converter is not known, or gives other joints.
    """

    layout: PoseLayout
    estimator: Mapping[str, Any] | None = None
    poses: str | None = None
    img_shape: Sequence[int] | None = None
    persons: int = 2

    def __post_init__(self) -> None:
        require(self.persons, Whole, 'persons')
        converter = CONVERTERS.module_dict.get(self.poses or 'openpose')
        if not (isinstance(converter, type) and issubclass(converter, EstimatedPoses)):
            known = [n for n, c in CONVERTERS.module_dict.items() if issubclass(c, EstimatedPoses)]
            raise ValueError(f'poses={shown(self.poses)}: it is one of {", ".join(sorted(known))}')

    def sources(self, source: ClipInput) -> list[ClipInput]:
        """What is read by itself, so that one that is bad leaves the others.

        Args:
            source (str | Path | np.ndarray | dict): See :meth:`read`, or a folder of videos.

        Returns:
            list: The videos of a folder in the order of their names; else the input.
        """
        if self.poses is None and isinstance(source, str | Path) and Path(source).is_dir():
            files = sorted(Path(source).rglob('*'))
            return [file for file in files if file.suffix.lower() in VIDEO_SUFFIXES] or [source]
        return [source]

    def read(self, source: ClipInput) -> Iterator[Clip]:
        """The clips of one input.

        Args:
            source (str | Path | np.ndarray | dict): A clip as annotation files have it; positions
                (T, V, C) or (M, T, V, C); an annotation pickle; a video; a file or folder of an
                estimator's poses.

        Yields:
            dict: ``frame_dir``, ``keypoint`` (M, T, V, C), and what is known beside.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is none of these, or cannot be read.
        """
        if isinstance(source, str | Path):
            yield from map(self._with_shape, self._of_file(Path(source)))
        elif isinstance(source, np.ndarray):
            keypoint = source[None] if source.ndim == 3 else source
            yield self._with_shape(dict(frame_dir='array', keypoint=keypoint))
        elif isinstance(source, dict):
            yield self._with_shape(dict(frame_dir='clip') | source)
        else:
            raise ValueError(
                f'{shown(source)} is no clip: give a dict with keypoint, an array (M, T, V, C), or '
                'the name of a file'
            )

    def _of_file(self, file: Path) -> Iterator[Clip]:
        if not file.exists():
            raise FileNotFoundError(f'there is no {file}: check the path')
        if file.suffix.lower() in VIDEO_SUFFIXES:
            yield from self._of_video(file)
        elif file.suffix.lower() in ('.pkl', '.pickle'):
            yield from load_annotations(file)['annotations']
        elif self.poses is not None:
            yield from self._of_poses(file)
        else:
            raise ValueError(
                f'{file} is neither an annotation file (.pkl) nor a video '
                f'({", ".join(sorted(VIDEO_SUFFIXES))}): of an estimator that wrote it say '
                'poses=..., such as openpose'
            )

    def _of_video(self, file: Path) -> Iterator[Clip]:
        if self.estimator is None:
            raise ValueError(f'{file} is a video: name an estimator, such as blazepose')
        settings = dict(self.estimator)
        size = settings.pop('size', None)
        found = VideoPoses(file.parent, settings, size, persons=self.persons)
        yield from self._read(found, file)

    def _of_poses(self, file: Path) -> Iterator[Clip]:
        """A folder is of clips; a file is one."""
        kind = CONVERTERS.module_dict[self.poses]
        folder = file if file.is_dir() else file.parent
        found = kind(folder, persons=self.persons, img_shape=self.img_shape)
        for source in found.sources() if file.is_dir() else [file]:
            yield from self._read(found, source)

    def _read(self, found: EstimatedPoses, source: Path) -> Iterator[Clip]:
        """A clip in which nobody was found has no persons."""
        places = joints_by_name(found.pose_layout, self.layout)
        try:
            for clip in found.read(source):
                yield _with_joints(clip.annotation, places)
        except NobodyError as nobody:
            keypoint = np.zeros((0, nobody.frames, self.layout.num_joints, 2), np.float32)
            yield dict(frame_dir=found.name_of(source), keypoint=keypoint)
        except ValueError as error:
            raise ValueError(f'{source}: {error}') from error

    def _with_shape(self, clip: Clip) -> Clip:
        if self.img_shape is None or 'img_shape' in clip:
            return clip
        return clip | dict(img_shape=tuple(self.img_shape))


def _with_joints(clip: Clip, places: list[int]) -> Clip:
    return clip | {key: clip[key][:, :, places] for key in ('keypoint', 'keypoint_score')}


def joints_by_name(found: PoseLayout, wanted: PoseLayout) -> list[int]:
    """Where the joints of one layout are in another.

    Args:
        found (PoseLayout): What there is.
        wanted (PoseLayout): What is needed.

    Returns:
        list[int]: For each joint of `wanted` its place in `found`.

    Raises:
        ValueError: Naming those that are missing.
    """
    places = {joint: place for place, joint in enumerate(found.joints)}
    if missing := [joint for joint in wanted.joints if joint not in places]:
        raise ValueError(
            f'the model reads layout {shown(wanted.name)}, and layout {shown(found.name)} has no '
            f"{shown(missing)}: take an estimator of the model's joints"
        )
    return [places[joint] for joint in wanted.joints]


def numbered_name(number: int, clip: Clip) -> str:
    """What files of a clip are called, without ending: any name is one of a file then.

    Args:
        number (int): Of the clip, from 0 on.
        clip (dict): With ``frame_dir``.

    Returns:
        str: Such as ``0003_a01_s09``.
    """
    name = clip['frame_dir'][-80:]
    plain = ''.join(letter if letter.isalnum() or letter in '-_.' else '_' for letter in name)
    return f'{number:04}_{plain}'
