"""What pose estimators write: the base of their converters."""

import json
import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from partkd.datasets.annotations import check_clip
from partkd.layouts import PoseLayout, get_layout

from .converter import Clip, Converter, Rule, make_annotation, require_found
from .label_files import Listed, read_labels
from .person_tracks import link_persons
from .readers import read_json, read_lines, require_finite

FOLDERS = 'folders'


class NobodyError(ValueError):
    """Nobody was found in a clip.

    Args:
        frames (int): How many it has.
    """

    def __init__(self, frames: int) -> None:
        super().__init__(f'nobody is in its {frames} frames: leave it out')
        self.frames = frames


class EstimatedPoses(Converter):
    """Poses of persons, frame by frame: a file a frame, or a file a video.

    Persons are linked over frames by :func:`link_persons`.

    Args:
        src (str | Path): Folder of the estimator's files.
        labels (str, optional): A file that says it, see :func:`read_labels`, or ``'folders'`` where
            the folders in ``src`` are the classes. Defaults to None: clips have no labels.
        layout (str | PoseLayout, optional): What the joints are, where they are others than the
            default's.
        persons (int): How many are kept at most. Defaults to 2.
        img_shape (Sequence[int], optional): Height and width of the pictures in pixels, written
            into each clip. Defaults to None: what the file of labels says.
    """

    pattern = '*.json'
    frame_name: re.Pattern | None = None  # of a frame's file, with the groups clip and frame

    def __init__(
        self,
        src: str | Path,
        labels: str | None = None,
        layout: str | PoseLayout | None = None,
        persons: int = 2,
        img_shape: Sequence[int] | None = None,
    ) -> None:
        super().__init__(src)
        self.labels = labels
        self.pose_layout = get_layout(layout or self.layout)
        self.layout = self.pose_layout.name
        self.persons = persons
        self.img_shape = None if img_shape is None else (int(img_shape[0]), int(img_shape[1]))
        self.listed: dict[str, Listed] = {}
        if labels == FOLDERS:
            places = {source.relative_to(self.src) for source in self.sources()}
            if outside := sorted(str(place) for place in places if len(place.parts) < 2):
                raise ValueError(
                    f'labels={FOLDERS!r}, and {outside[0]} lies in no folder below {self.src}: put '
                    'it into one that is called as its class, or name a file of labels'
                )
            names = {place.parts[0] for place in places}
            self.classes = () if all(map(str.isdigit, names)) else tuple(sorted(names))
        elif labels is not None:
            self.listed, self.classes = read_labels(Path(labels))

    def sources(self) -> list[Path]:
        """Clips: a file of a video, or a folder and what the names of its frames start with."""
        _frames_in.cache_clear()
        clips = set()
        for file in self.src.rglob(self.pattern):
            frame = self.frame_name and self.frame_name.fullmatch(file.name)
            clips.add(file.parent / frame['clip'] if frame else file)
        return require_found(sorted(clips), self)

    def name_of(self, source: Path) -> str:
        return source.stem if source.is_file() else source.name

    def inputs(self, source: Path) -> list[Path]:
        labels = [] if self.labels in (None, FOLDERS) else [Path(str(self.labels))]
        return self._files(source) + labels

    def _files(self, source: Path) -> list[Path]:
        if source.is_file() or self.frame_name is None:
            return [source]
        beside = _frames_in(source.parent, self.frame_name).get(source.name)
        return beside or _frames_in(source, self.frame_name)['']

    def read(self, source: Path) -> Iterator[Clip]:
        detections = []
        for number, frame in enumerate(self.frames(source), 1):
            try:
                persons = [self.person(person) for person in self.persons_of(frame)]
                detections.append(self._checked(persons))
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                what = f'{type(error).__name__}: {error}'
                raise ValueError(
                    f'frame {number} is not as the estimator writes it ({what}): set layout=... '
                    'if it has other joints, or estimate it again'
                ) from error
        if not any(len(persons) for persons in detections):
            raise NobodyError(len(detections))
        keypoint, score = self.link(detections)
        name = self.name_of(source)
        annotation = make_annotation(name, 0, keypoint, score)
        annotation.pop('label')
        if self.labels is not None:
            annotation['label'] = self._label(source, name)
        listed = self.listed.get(name)
        img_shape = self.img_shape or (listed and listed.img_shape)
        if img_shape is not None:
            annotation['img_shape'] = img_shape
        origin: dict[str, Any] = dict(splits=listed.splits if listed else ())
        if listed and listed.subject:
            origin['subject'] = listed.subject
        yield Clip(annotation, origin)

    def link(self, detections: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Who is who over the frames of a clip, see :func:`link_persons`."""
        return link_persons(detections, self.persons)

    def frames(self, source: Path) -> list[Any]:
        """What was written of each frame, as JSON has it."""
        files = self._files(source)
        if files != [source]:
            contents = []
            for file in files:
                try:
                    contents.append(read_json(file))
                except ValueError as error:
                    raise ValueError(f'{file.name}: {error}') from error
            return contents
        return _read_video(source)

    @abstractmethod
    def persons_of(self, frame: Any) -> list:
        """The persons in what was written of a frame."""

    @abstractmethod
    def person(self, person: Any) -> np.ndarray:
        """A person's joints, (V, 3): x, y, score."""

    def split_rules(self) -> Mapping[str, Rule]:
        names = {split for listed in self.listed.values() for split in listed.splits}
        return {name: _has_split(name) for name in sorted(names)}

    def fault_of(self, annotation: dict) -> str | None:
        return check_clip(
            annotation,
            self.pose_layout,
            len(self.classes) or None,
            require_labels=self.labels is not None,
        )

    def _checked(self, persons: list[np.ndarray]) -> np.ndarray:
        joints = self.pose_layout.num_joints
        for person in persons:
            if person.shape != (joints, 3):
                raise ValueError(f'{len(person)} joints, layout {self.layout!r} has {joints}')
        stacked = np.array(persons, np.float64).reshape(-1, joints, 3)
        return require_finite(stacked, 'a joint')

    def _label(self, source: Path, name: str) -> int:
        if name in self.listed:
            return self.listed[name].label
        if self.labels != FOLDERS:
            raise ValueError(f'{self.labels} has no row for {name!r}: add one, or leave it out')
        label = source.relative_to(self.src).parts[0]
        return self.classes.index(label) if self.classes else int(label)


def _has_split(name: str) -> Rule:
    return lambda origin: name in origin['splits']


def _read_video(file: Path) -> list[Any]:
    """A list of frames, or a frame a line."""
    lines = read_lines(file)
    if len(lines) > 1 and lines[0].startswith('{') and lines[0].endswith('}'):
        frames = []
        for number, line in enumerate(lines, 1):
            try:
                frames.append(json.loads(line))
            except ValueError as error:
                raise ValueError(f'line {number} is truncated or no JSON ({error})') from error
        return frames
    content = read_json(file)
    if isinstance(content, dict):
        content = content.get('frames', content)
    return content if isinstance(content, list) else [content]


@lru_cache(maxsize=64)
def _frames_in(folder: Path, frame_name: re.Pattern) -> dict[str, list[Path]]:
    """The files of frames in a folder, by what their names start with, in the order of frames."""
    frames: dict[str, list[tuple[int, Path]]] = {}
    for file in folder.iterdir():
        if name := frame_name.fullmatch(file.name):
            frames.setdefault(name['clip'], []).append((int(name['frame']), file))
    return {clip: [file for _, file in sorted(found)] for clip, found in frames.items()}
