"""BlazePose (Bazarevsky et al., arXiv 2006.10204), as MediaPipe has it."""

import shutil
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Literal

import numpy as np

from partkd.arguments import Fraction, checked

from .estimator import POSE_ESTIMATORS, PoseEstimator

_COMPLEXITY = {'lite': 0, 'full': 1, 'heavy': 2}
_IN_PACKAGE = Path('modules', 'pose_landmark')


@POSE_ESTIMATORS.register_module('blazepose')
class BlazePose(PoseEstimator):
    """MediaPipe's BlazePose: one person, 33 joints, on a CPU.

    A person is found by a detector in the first frame and followed from there on; where they are
    lost, the detector looks again. The scores are what MediaPipe calls visibility.

    Args:
        model (str): ``'lite'``, ``'full'`` or ``'heavy'``. Only the full one is in MediaPipe's
            package. Defaults to ``'full'``.
        file (str): Weights of the other two, ``pose_landmark_lite.tflite`` or ``..._heavy.tflite``,
            which are copied into the package, where MediaPipe looks for them. Defaults to '', they
            are there.
        min_detection (float): How sure the detector has to be, in [0, 1]. Defaults to .5.
        min_tracking (float): How sure the joints have to be to go on from, in [0, 1]. Defaults to
            .5.

    Raises:
        FileNotFoundError: If the weights are not there.
        ImportError: If MediaPipe is not installed.
    """

    layout = 'blazepose'
    follows_one_person = True

    @checked
    def __init__(
        self,
        model: Literal['lite', 'full', 'heavy'] = 'full',
        file: str = '',
        min_detection: Fraction = 0.5,
        min_tracking: Fraction = 0.5,
    ) -> None:
        self.mediapipe = _import_mediapipe()
        _put_weights(model, file, Path(str(self.mediapipe.__file__)).parent / _IN_PACKAGE)
        self.settings = dict(
            model_complexity=_COMPLEXITY[model],
            min_detection_confidence=min_detection,
            min_tracking_confidence=min_tracking,
        )

    def estimate(self, frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """See :class:`PoseEstimator`."""
        with self.mediapipe.solutions.pose.Pose(**self.settings) as pose:
            for frame in frames:
                found = pose.process(frame).pose_landmarks
                if found is None:
                    yield np.empty((0, 33, 3))
                    continue
                height, width = frame.shape[:2]
                joints = [(mark.x, mark.y, mark.visibility) for mark in found.landmark]
                yield np.array([joints]) * (width, height, 1)


def _import_mediapipe() -> ModuleType:
    try:
        mediapipe = import_module('mediapipe')
        mediapipe.solutions  # noqa: B018  which version 1 has no more
    except (ImportError, AttributeError) as error:
        raise ImportError(
            f'BlazePose needs MediaPipe 0.10 ({error}): pip install "partkd[blazepose]"'
        ) from error
    return mediapipe


def _put_weights(model: str, file: str, folder: Path) -> None:
    """MediaPipe would fetch those that are missing: a user names a file in their place."""
    place = folder / f'pose_landmark_{model}.tflite'
    if file:
        if not Path(file).is_file():
            raise FileNotFoundError(f'there are no weights {file}: check the path')
        if not place.is_file():
            shutil.copy(file, place)
        elif place.read_bytes() != Path(file).read_bytes():
            raise ValueError(f'{place} holds other weights than {file}: delete one of them')
    if not place.is_file():
        raise FileNotFoundError(
            f"MediaPipe's package has no {place.name}: download it, and say file=PATH, or take "
            'model=full'
        )
