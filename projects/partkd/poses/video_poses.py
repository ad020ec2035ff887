"""Poses of videos, by a pose estimator that runs here."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from partkd.arguments import Whole, require
from partkd.datasets import Clip, EstimatedPoses, in_two

from .estimator import PoseEstimator, build_estimator
from .video_frames import VIDEO_SUFFIXES, open_video


class VideoPoses(EstimatedPoses):
    """Videos (.mp4, .avi, ...), through a pose estimator that runs here.

    Args:
        src (str | Path): Folder of the videos.
        estimator (Mapping[str, Any]): Config of a :class:`PoseEstimator`.
        size (int, optional): Pixels that the longer side of a frame is shrunk to before the
            estimator sees it; what it finds is in the pixels of the video all the same. Defaults to
            None, as it is.
        test_subjects (Sequence[str]): Who is for test, in the splits ``xsub_train`` and
            ``xsub_val``, as ``labels`` names people. Defaults to nobody, no such splits.
        **options: See :class:`EstimatedPoses`.
    """

    pattern = '*'
    download = 'videos'
    sources_of_a_part = 1  # a video may take minutes

    def __init__(
        self,
        src: str | Path,
        estimator: Mapping[str, Any],
        size: int | None = None,
        test_subjects: Sequence[str] = (),
        **options: Any,
    ) -> None:
        require(size, Whole | None, 'size')
        self.estimator = dict(estimator)
        self.size = size
        self.test_subjects = [str(subject) for subject in test_subjects]
        built = _built(tuple(self.estimator.items()))
        if built.starts_threads:
            self.start_method = 'spawn'
        super().__init__(src, **dict(options, layout=built.layout))
        subjects = {one.subject for one in self.listed.values()}
        if unknown := sorted(set(self.test_subjects) - subjects):
            raise ValueError(
                f'nobody is called {unknown}: {self.labels or "no file of labels"} has the '
                f'subjects {sorted(subjects - {""})}'
            )
        self.train_subjects = subjects - set(self.test_subjects)

    def sources(self) -> list[Path]:
        """Videos in any folder below."""
        return [file for file in super().sources() if file.suffix.lower() in VIDEO_SUFFIXES]

    def inputs(self, source: Path) -> list[Path]:
        return [*super().inputs(source), *_built(tuple(self.estimator.items())).files]

    def read(self, source: Path) -> Iterator[Clip]:
        """The clip of a video, with ``img_shape`` and ``fps``."""
        video = open_video(source)
        for clip in super().read(source):
            clip.annotation['img_shape'] = video.height, video.width
            if video.rate:
                clip.annotation['fps'] = video.rate
            yield clip

    def frames(self, source: Path) -> list[np.ndarray]:
        """The people of each frame, (n, V, 3), in the pixels of the video."""
        video = open_video(source, self.size)
        estimator = _built(tuple(self.estimator.items()))
        return [people * (*video.scale, 1) for people in estimator.estimate(video.frames)]

    def link(self, detections: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        if not _built(tuple(self.estimator.items())).follows_one_person:
            return super().link(detections)
        nobody = np.zeros((self.pose_layout.num_joints, 3))
        person = np.stack([found[0] if len(found) else nobody for found in detections])[None]
        return person[..., :2], person[..., 2]

    def persons_of(self, frame: np.ndarray) -> list[np.ndarray]:
        return list(frame)

    def person(self, person: np.ndarray) -> np.ndarray:
        return person

    def split_rules(self) -> Mapping[str, Callable[[Mapping], bool]]:
        by_subject = in_two('xsub', 'subject', self.train_subjects) if self.test_subjects else {}
        return dict(super().split_rules()) | by_subject

    def code(self) -> list[Path]:
        estimator = sys.modules[type(_built(tuple(self.estimator.items()))).__module__].__file__
        return [*Path(__file__).parent.glob('*.py'), Path(str(estimator))]


@lru_cache(maxsize=2)
def _built(settings: tuple[tuple[str, Any], ...]) -> PoseEstimator:
    """An estimator loads its weights once in each process."""
    return build_estimator(dict(settings))
