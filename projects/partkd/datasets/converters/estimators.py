"""The files of pose estimators, one class for each form."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from .converter import CONVERTERS
from .estimated_poses import EstimatedPoses
from .readers import read_json

_LONGEST = 1_000_000  # frames: a number of COCO's own pictures is none


@CONVERTERS.register_module('openpose')
class OpenPose(EstimatedPoses):
    """OpenPose's ``--write_json``: ``CLIP_000000000000_keypoints.json`` and the others.

    Or a list of what these hold, one file a video. Layout ``openpose25`` for BODY_25, ``openpose``
    for COCO's 18.
    """

    layout = 'openpose25'
    download = "OpenPose's JSON"
    frame_name = re.compile(r'(?P<clip>.*)_(?P<frame>\d{12})_keypoints\.json')

    def persons_of(self, frame: Any) -> list:
        return frame['people']

    def person(self, person: Any) -> np.ndarray:
        return np.array(person['pose_keypoints_2d'], np.float64).reshape(-1, 3)


@CONVERTERS.register_module('openpifpaf')
class OpenPifPaf(EstimatedPoses):
    """OpenPifPaf's ``--json-output``: ``000001.jpg.predictions.json``, a folder a clip.

    Or a file a video with a line for each frame, as ``openpifpaf.video`` writes it.
    """

    layout = 'coco'
    download = "OpenPifPaf's JSON"
    frame_name = re.compile(r'(?P<clip>)\D*(?P<frame>\d+)\.\w+\.predictions\.json')

    def name_of(self, source: Path) -> str:
        """A video's own name: its file is ``video.mp4.openpifpaf.json``."""
        return re.sub(r'(\.\w+)?\.openpifpaf$', '', super().name_of(source))

    def persons_of(self, frame: Any) -> list:
        return frame['predictions'] if isinstance(frame, dict) else frame

    def person(self, person: Any) -> np.ndarray:
        return np.array(person['keypoints'], np.float64).reshape(-1, 3)


@CONVERTERS.register_module('coco_results')
class COCOResults(EstimatedPoses):
    """Results in COCO's form, a file a video: ``image_id``, ``keypoints``, ``score``.

    As mmpose, Detectron2 and AlphaPose write them. ``image_id`` numbers the frames from 0 on, or is
    a file's name with the number in it; frames up to the last that has a person are the clip.
    """

    layout = 'coco'
    download = 'results in the form of COCO'

    def frames(self, source: Path) -> list[Any]:
        frames: list[list] = []
        for number, person in enumerate(read_json(source), 1):
            found = re.findall(r'\d+', str(person.get('image_id')))
            place = int(found[-1]) if found else _LONGEST
            if place >= _LONGEST:
                raise ValueError(
                    f'result {number} has no image_id with the number of a frame in it: number the '
                    'frames of the video from 0 on'
                )
            frames += [[] for _ in range(len(frames), place + 1)]
            frames[place].append(person)
        return frames

    def persons_of(self, frame: Any) -> list:
        return frame

    def person(self, person: Any) -> np.ndarray:
        return np.array(person['keypoints'], np.float64).reshape(-1, 3)


@CONVERTERS.register_module('ultralytics')
class Ultralytics(EstimatedPoses):
    """Ultralytics YOLO: a list of what ``Results.summary()`` gives of each frame, a file a video.

    Or a frame a line, as ``Results.to_json()`` gives it.
    """

    layout = 'coco'
    download = "Ultralytics' results"

    def persons_of(self, frame: Any) -> list:
        return frame

    def person(self, person: Any) -> np.ndarray:
        points = person['keypoints']
        x, y = (np.array(points[axis], np.float64) for axis in 'xy')
        seen = points.get('visible', (x != 0) | (y != 0))
        return np.stack([x, y, np.array(seen, np.float64)], axis=1)


@CONVERTERS.register_module('rtmlib')
class RTMLib(EstimatedPoses):
    """rtmlib's ``keypoints, scores`` of each frame as JSON lists, a file a video.

    A frame is ``{"keypoints": (persons, joints, 2), "scores": (persons, joints)}``.
    """

    layout = 'coco'
    download = "rtmlib's keypoints and scores"

    def persons_of(self, frame: Any) -> list:
        return list(zip(frame['keypoints'], frame['scores'], strict=True))

    def person(self, person: Any) -> np.ndarray:
        points, scores = (np.array(values, np.float64) for values in person)
        return np.column_stack([points, scores])


@CONVERTERS.register_module('mediapipe')
class MediaPipe(EstimatedPoses):
    """MediaPipe's or BlazePose's landmarks as JSON, a file a video.

    A frame is a list of 33 landmarks with ``x``, ``y`` and ``visibility``, a list of such lists
    (several persons), or empty; or has one of these under ``pose_landmarks`` or ``landmarks``. The
    landmarks are shares of the picture, so that ``img_shape`` is needed.
    """

    layout = 'blazepose'
    download = "MediaPipe's landmarks"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.img_shape is None:
            raise ValueError('landmarks are shares of the picture: set img_shape=(height,width)')
        self.height, self.width = self.img_shape

    def persons_of(self, frame: Any) -> list:
        if isinstance(frame, dict):
            frame = frame['pose_landmarks'] if 'pose_landmarks' in frame else frame['landmarks']
        if not frame:
            return []
        return frame if isinstance(frame[0], list) else [frame]

    def person(self, person: Any) -> np.ndarray:
        marks = [[mark['x'], mark['y'], mark['visibility']] for mark in person]
        return np.array(marks, np.float64) * (self.width, self.height, 1)
