"""Models of mmpose: from the top down, from the bottom up, and in one stage."""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from partkd.arguments import Fraction, Whole, checked
from partkd.layouts import LAYOUTS, PoseLayout, get_layout
from partkd.messages import shown

from .estimator import POSE_ESTIMATORS, PoseEstimator
from .openmmlab_model import OpenMMLabModel

_OVERLAP = 0.3  # from which on two boxes are one person's, as in mmpose's own inferencer


@POSE_ESTIMATORS.register_module('mmpose')
class MMPose(PoseEstimator):
    """Any 2D model of mmpose 1.x; its joints are those of the data set that it was made for.

    A model that works from the top down takes people's boxes from a detector of mmdet, and where
    there is none, the whole frame for one person's.

    Args:
        config (str): Config of the model: a file, or ``mmpose::FOLDER/NAME.py`` of one that mmpose
            brings.
        checkpoint (str): Its weights.
        detector (str): Config of a detector, likewise, which knows a class ``person`` or one class
            alone. Defaults to '', the whole frame, or a model that needs none.
        detector_checkpoint (str): Its weights. Defaults to ''.
        device (str): Where they compute, such as ``'cpu'`` or ``'cuda:1'``. Defaults to
            ``'auto'``, a GPU where there is one.
        batch (int): How many frames, and how many people, are computed at once. Defaults to 16.
        min_detection (float): How sure the detector has to be of a person, or a model that finds
            people itself, in [0, 1]. Defaults to .3.

    Raises:
        FileNotFoundError: If there is no such config or checkpoint.
        ImportError: If mmpose, or what it needs, is not installed.
        ValueError: If config and checkpoint do not fit, the model is none that takes pictures, its
            joints make no layout, the detector knows no person, or there is no such device.
    """

    starts_threads = True

    @checked
    def __init__(
        self,
        config: str,
        checkpoint: str,
        detector: str = '',
        detector_checkpoint: str = '',
        device: str = 'auto',
        batch: Whole = 16,
        min_detection: Fraction = 0.3,
    ) -> None:
        if bool(detector) != bool(detector_checkpoint):
            raise ValueError('give both detector=CONFIG and detector_checkpoint=FILE, or neither')
        place = _device(device)
        self.batch = batch
        self.min_detection = min_detection
        self.pose = OpenMMLabModel('mmpose', config, checkpoint, place)
        self.takes_boxes = _takes_boxes(self.pose.model, config)
        info = self.pose.data_set_info()
        self.layout = _layout(info, config)
        self.meta = _parsed(info)
        self.detector = None
        if detector:
            if not self.takes_boxes:
                raise ValueError(f'the config {config} finds people itself: give no detector')
            self.detector = OpenMMLabModel('mmdet', detector, detector_checkpoint, place)
            self.person = _class_of_persons(self.detector, detector)
        named = config, checkpoint, detector, detector_checkpoint
        self.files = tuple(Path(file) for file in named if Path(file).is_file())
        self._try(config)

    def estimate(self, frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """See :class:`PoseEstimator`."""
        remaining = iter(frames)
        while some := list(islice(remaining, self.batch)):
            pictures = [np.ascontiguousarray(frame[..., ::-1]) for frame in some]
            yield from self._in_boxes(pictures) if self.takes_boxes else self._anywhere(pictures)

    def _in_boxes(self, pictures: list[np.ndarray]) -> list[np.ndarray]:
        boxes = [_whole(picture) for picture in pictures]
        if self.detector is not None:
            boxes = self._detected(self.detector, pictures)
        return self._of_boxes(pictures, boxes)

    def _of_boxes(self, pictures: list[np.ndarray], boxes: list[np.ndarray]) -> list[np.ndarray]:
        """The people of each picture, one for each of its boxes, (n, 4)."""
        score = np.ones(1, np.float32)
        items = [
            dict(self.meta, img=picture, bbox=box[None], bbox_score=score)
            for picture, own in zip(pictures, boxes)
            for box in own
        ]
        found = [
            _joints(instances)
            for start in range(0, len(items), self.batch)
            for instances in self.pose(items[start : start + self.batch])
        ]
        people = np.concatenate(found) if found else np.empty((0, self._num_joints, 3))
        return np.split(people, np.cumsum([len(own) for own in boxes])[:-1])

    def _anywhere(self, pictures: list[np.ndarray]) -> list[np.ndarray]:
        people = []
        for instances in self.pose([dict(self.meta, img=picture) for picture in pictures]):
            joints = _joints(instances).reshape(-1, self._num_joints, 3)
            if 'bbox_scores' in instances:
                joints = joints[_array(instances.bbox_scores) >= self.min_detection]
            people.append(joints)
        return people

    def _detected(self, detector: OpenMMLabModel, pictures: list[np.ndarray]) -> list[np.ndarray]:
        """Boxes of the people of each picture, (n, 4): left, top, right, bottom, in pixels."""
        from mmpose.evaluation.functional import nms

        boxes = []
        for found in detector([dict(img=picture, img_id=0) for picture in pictures]):
            scores = _array(found.scores)
            is_person = (_array(found.labels) == self.person) & (scores >= self.min_detection)
            scored = np.column_stack([_array(found.bboxes), scores])[is_person]
            boxes.append(scored[nms(scored, _OVERLAP), :4])
        return boxes

    @property
    def _num_joints(self) -> int:
        return get_layout(self.layout).num_joints

    def _try(self, config: str) -> None:
        """What does not work is said before the first video."""
        black = [np.zeros((64, 64, 3), np.uint8)] * min(self.batch, 2)
        try:
            if self.takes_boxes:
                (people, *_) = self._of_boxes(black, [_whole(picture) for picture in black])
            else:
                (people, *_) = self._anywhere(black)
        except Exception as error:
            raise ValueError(
                f'the config {config} does not work ({type(error).__name__}: {error}): if it is '
                'about the size of a batch, set batch=1'
            ) from error
        if people.shape[1] != self._num_joints:
            raise ValueError(
                f'the model of the config {config} gives {people.shape[1]} joints, and the data '
                f'set that it names has {self._num_joints}: name that one in its train_dataloader'
            )


def _takes_boxes(model: torch.nn.Module, config: str) -> bool:
    from mmpose.models import BottomupPoseEstimator, TopdownPoseEstimator

    if not isinstance(model, BottomupPoseEstimator | TopdownPoseEstimator):
        raise ValueError(
            f'the config {config} is of a {type(model).__name__}, which finds no joints in '
            'pictures: take a TopdownPoseEstimator or a BottomupPoseEstimator'
        )
    return isinstance(model, TopdownPoseEstimator)


def _layout(info: Mapping[str, Any], config: str) -> PoseLayout:
    """The layout of that name here, where the joints are the same, else one of the metainfo."""
    if not info:
        raise ValueError(
            f'the config {config} does not say what its joints are: set metainfo of the data set '
            'in its train_dataloader'
        )
    try:
        layout = get_layout(info)
    except ValueError as error:
        raise ValueError(
            f'the joints of the config {config} make no layout ({error}): take a model of whole '
            'people'
        ) from None
    return next((known for known in LAYOUTS.values() if known.joints == layout.joints), layout)


def _parsed(info: Mapping[str, Any]) -> dict[str, Any]:
    """What pipelines take of it, such as which joints change places in a mirror."""
    from mmpose.datasets.datasets.utils import parse_pose_metainfo

    with warnings.catch_warnings():  # it says where it finds its own file
        warnings.filterwarnings('ignore', 'The metainfo config file')
        return parse_pose_metainfo(info)


def _class_of_persons(detector: OpenMMLabModel, config: str) -> int:
    said = {key.lower(): value for key, value in detector.meta.items()}
    classes = said.get('classes') or detector.data_set_info().get('classes', ())
    classes = [classes] if isinstance(classes, str) else list(classes)
    if 'person' in classes:
        return classes.index('person')
    if len(classes) != 1:
        raise ValueError(
            f'the detector {config} knows no class person, but {shown(classes)}: take one that does'
        )
    return 0


def _device(name: str) -> torch.device:
    if name == 'auto':
        return torch.device('cuda' if torch.cuda.is_available() else 'cpu')
    try:
        return torch.empty(0, device=name).device
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f'device={shown(name)} is not here ({error}): take cpu') from None


def _whole(picture: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    return np.array([[0, 0, width, height]], np.float32)


def _joints(instances: Any) -> np.ndarray:
    """x, y, and a score, which heatmaps may have above 1."""
    score = _array(instances.keypoint_scores).clip(0, 1)
    return np.concatenate([_array(instances.keypoints), score[..., None]], axis=-1)


def _array(values: Any) -> np.ndarray:
    return torch.as_tensor(values).cpu().numpy()
