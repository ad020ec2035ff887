"""Recognising actions while they happen."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from mmengine.logging import MMLogger

from partkd.arguments import PartOfOne, Whole, checked
from partkd.datasets import shows_nobody
from partkd.messages import shown

from .trained_model import TrainedModel


@dataclass
class _Person:
    """The last frames of somebody: a ring, whose oldest frame the next one overwrites."""

    keypoint: np.ndarray  # (window, V, C)
    keypoint_score: np.ndarray  # (window, V), 0 where a joint was not seen
    frames: int = 0  # since the first sight
    unseen: int = 0  # since the last one
    scores: np.ndarray | None = None  # (num_classes,)

    def add(self, keypoint: np.ndarray | None, score: np.ndarray | None) -> None:
        """Add a frame; None where the person was not seen in it."""
        place = self.frames % len(self.keypoint)
        self.keypoint[place] = 0 if keypoint is None else keypoint
        self.keypoint_score[place] = 0 if score is None else score
        self.unseen = self.unseen + 1 if keypoint is None else 0
        self.frames += 1

    def clip(self, img_shape: tuple[int, int] | None) -> dict:
        """The window, oldest frame first, as annotation files have it."""
        window = len(self.keypoint)
        order = np.arange(max(0, self.frames - window), self.frames) % window
        clip = dict(
            frame_dir='window',
            keypoint=self.keypoint[order][None],
            keypoint_score=self.keypoint_score[order][None],
        )
        return clip if img_shape is None else clip | dict(img_shape=img_shape)


class StreamingRecognizer:
    """Recognises what each of several persons does, frame by frame.

    The last frames of a person are a clip of that person alone, and get the scores that the model
    gives such a clip. They are computed every so many frames of a person's stay, so that memory and
    the cost of a frame do not grow: with ``stride=window`` a frame costs a `window`-th of a clip,
    with a stride of an eighth of it eight times as much, and the answer is as much younger.

    Args:
        model (TrainedModel): See :func:`load_model`.
        window (int): Frames of a clip, as many as the model's widest convolution over time at
            least; about as many as clips had in training are best.
        stride (int, optional): Frames from one computation to the next. Defaults to None,
            `window`.
        smoothing (float): Share in [0, 1) that a person's earlier scores keep in new ones. Defaults
            to 0, none.
        forget_after (int, optional): Frames without a sight of somebody after which they are
            forgotten. Defaults to None, `window`.
        max_persons (int): How many are followed at once; who comes when there are as many is passed
            over, which is logged once. Defaults to 10.
        img_shape (tuple[int, int], optional): Height and width of the pictures in pixels, which
            models of 2D poses need. Defaults to None.

    Raises:
        ValueError: If an argument is not what it should be.
    """

    @checked
    def __init__(
        self,
        model: TrainedModel,
        window: Whole,
        stride: Whole | None = None,
        smoothing: PartOfOne = 0.0,
        forget_after: Whole | None = None,
        max_persons: Whole = 10,
        img_shape: tuple[int, int] | None = None,
    ) -> None:
        if window < model.kernel_frames:
            raise ValueError(
                f"window={window}: the model's convolutions over time are {model.kernel_frames} "
                'frames wide; take as many at least'
            )
        self.model = model
        self.window = window
        self.stride = min(stride or window, window)
        self.smoothing = smoothing
        self.forget_after = forget_after or window
        self.max_persons = max_persons
        self.img_shape = None if img_shape is None else (int(img_shape[0]), int(img_shape[1]))
        self._persons: dict[int, _Person] = {}
        self._is_told = False

    def push(
        self,
        keypoints: np.ndarray,
        track_ids: Sequence[int],
        keypoint_scores: np.ndarray | None = None,
    ) -> dict[int, np.ndarray]:
        """Take the next frame.

        Args:
            keypoints (np.ndarray): Positions of the persons in it, (n, V, C); n may be 0. A joint
                at the origin of all axes is missing.
            track_ids (Sequence[int]): Who they are: the same number for the same person.
            keypoint_scores (np.ndarray, optional): Of the joints, (n, V), 0 where one is missing.
                Defaults to None, 1.

        Returns:
            dict[int, np.ndarray]: Probabilities (num_classes,) of everybody who is followed and of
            whom there are enough frames, as they were last computed.

        Raises:
            ValueError: If the frame is not as said, which leaves everything as it was.
        """
        found = self._checked(keypoints, track_ids, keypoint_scores)
        self._forget()
        for number in found:
            self._welcome(number, keypoints.shape[-1])
        for number, person in self._persons.items():
            person.add(*found.get(number, (None, None)))
        due = [one for one in self._persons.values() if one.frames % self.stride == 0]
        self._compute([one for one in due if one.frames >= self.model.kernel_frames])
        return {
            number: person.scores
            for number, person in self._persons.items()
            if person.scores is not None
        }

    def _checked(
        self, keypoints: np.ndarray, track_ids: Sequence[int], scores: np.ndarray | None
    ) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        """Position (V, C) and scores (V,) of each person."""
        layout = self.model.layout
        if not isinstance(keypoints, np.ndarray) or keypoints.dtype.kind not in 'iuf':
            raise ValueError('keypoints is no numeric array: give one of shape (n, V, C)')
        if scores is None:
            scores = np.ones(keypoints.shape[:2], np.float32)
        shape = (len(track_ids), layout.num_joints)
        if keypoints.shape[:-1] != shape or keypoints.shape[-1] not in layout.dims:
            dims = ' or '.join(map(str, layout.dims))
            raise ValueError(
                f'keypoints has shape {keypoints.shape}: with {shape[0]} track_ids and layout '
                f'{shown(layout.name)} it should be ({shape[0]}, {shape[1]}, {dims})'
            )
        if np.shape(scores) != shape:
            raise ValueError(f'keypoint_scores has shape {np.shape(scores)}: it should be {shape}')
        if len(set(track_ids)) < len(track_ids):
            raise ValueError(f'track_ids={shown(list(track_ids))}: each person needs its own')
        if not (np.isfinite(keypoints).all() and np.isfinite(scores).all()):
            raise ValueError('keypoints has NaN or infinite values: set missing joints to 0')
        return dict(zip(track_ids, zip(keypoints, scores, strict=True), strict=True))

    def _welcome(self, number: int, channels: int) -> None:
        if number in self._persons:
            return
        if len(self._persons) < self.max_persons:
            joints = self.window, self.model.layout.num_joints
            self._persons[number] = _Person(
                np.zeros((*joints, channels), np.float32), np.zeros(joints, np.float32)
            )
        elif not self._is_told:
            self._is_told = True
            MMLogger.get_current_instance().warning(
                f'there are more than {self.max_persons} persons: others are passed over. Set '
                'max_persons'
            )

    def _forget(self) -> None:
        self._persons = {
            number: person
            for number, person in self._persons.items()
            if person.unseen < self.forget_after
        }

    def _compute(self, persons: Sequence[_Person]) -> None:
        """New scores of some, at once. Who was not seen in all the window has none."""
        ready = []
        for person in persons:
            clip = person.clip(self.img_shape)
            if shows_nobody(clip, self.model.layout):
                person.scores = None
            else:
                ready.append((person, self.model.prepare(clip)))
        if not ready:
            return
        scores = self.model.classify([prepared for _, prepared in ready])
        for (person, _), new in zip(ready, scores, strict=True):
            old = new if person.scores is None else person.scores
            person.scores = self.smoothing * old + (1 - self.smoothing) * new
