"""A video or a camera with what people in it do."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mmengine.config import Config

from partkd.arguments import PartOfOne, Whole, checked
from partkd.datasets import PersonTracker
from partkd.distillation import PartMatrix
from partkd.files import require_place
from partkd.inference import (
    Span,
    StreamingRecognizer,
    TrainedModel,
    joints_by_name,
    load_model,
    spans_of,
    write_spans,
)
from partkd.layouts import get_layout
from partkd.poses import PoseEstimator, Video, build_estimator, open_video, shrink
from partkd.visualization import draw_persons

_RATE = 25.0  # frames a second of a source that does not say


@checked
def demo(
    model: str | Path | Config,
    source: str | Path | int,
    out: str | Path,
    estimator: Mapping[str, Any],
    weights: str | Path | None = None,
    device: str | None = None,
    window: Whole = 64,
    stride: Whole = 8,
    smoothing: PartOfOne = 0.0,
    part_matrix: str | Path | None = None,
    max_frames: Whole | None = None,
) -> list[Span]:
    """Film what a model recognises: skeletons, and what each person does, frame by frame.

    Beside the film are a table and a picture of what was done when, ``<out>.csv`` and
    ``<out>.png``. Interrupted, or where a camera stops, all three have what was seen so far.

    Args:
        model (str | Path | Config): An exported or published file, or a config.
        source (str | Path | int): A video, or the number of a camera.
        out (str | Path): The film to write, ``.mp4``.
        estimator (Mapping[str, Any]): What finds the joints; ``size`` shrinks frames for it.
        weights (str | Path, optional): The checkpoint of a config. Defaults to None.
        device (str, optional): Where PyTorch computes. Defaults to the GPU where there is one.
        window (int): Frames that a label is of. Defaults to 64.
        stride (int): Frames from one label to the next. Defaults to 8.
        smoothing (float): Share that earlier scores keep, in [0, 1). Defaults to 0.
        part_matrix (str | Path, optional): Files of a teacher with its part matrix E: parts that
            matter less for what is recognised are paler. Defaults to None, all matter alike.
        max_frames (int, optional): After how many to end. Defaults to None, at the end.

    Returns:
        list[Span]: What was done when.

    Raises:
        FileNotFoundError: If a file is not there.
        ImportError: If a package is missing that the model or the estimator needs.
        ValueError: If the model, the estimator and the source do not fit.
    """
    if Path(out).suffix != '.mp4':
        raise ValueError(f'{out} is no film that can be written: end its name in .mp4')
    require_place(out)
    if not isinstance(source, int) and not Path(source).is_file():
        raise FileNotFoundError(f'there is no video {source}: check the path')
    settings = dict(estimator)
    size = settings.pop('size', None)
    trained, finder = load_model(model, weights, device), build_estimator(settings)
    places = joints_by_name(get_layout(finder.layout), trained.layout)
    matrix = _part_weights(part_matrix, trained)
    video = _opened(source)
    recognizer = StreamingRecognizer(
        trained, window, stride, smoothing, img_shape=(video.height, video.width)
    )
    said: dict[int, list[tuple[int, np.ndarray]]] = {}
    film = cv2.VideoWriter(
        str(out),
        cv2.VideoWriter.fourcc(*'mp4v'),
        video.rate or _RATE,
        (video.width, video.height),
    )
    try:
        for number, (frame, persons) in enumerate(_persons(video, finder, size, max_frames)):
            people = {who: person[places] for who, person in persons.items()}
            scores = _push(recognizer, people)
            for who, probabilities in scores.items():
                said.setdefault(who, []).append((number, probabilities))
            drawn = _draw(frame, people, scores, trained, matrix)
            film.write(cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))
    finally:
        film.release()
        spans = spans_of(said, trained)
        write_spans(spans, Path(out).with_suffix('.csv'), video.rate)
    return spans


def _opened(source: str | Path | int) -> Video:
    try:
        return open_video(source if isinstance(source, int) else Path(source))
    except ValueError as error:
        raise ValueError(f'{"camera " * isinstance(source, int)}{source}: {error}') from error


Persons = dict[int, np.ndarray]  # (V, 3) by who it is


def _persons(
    video: Video, finder: PoseEstimator, size: int | None, max_frames: int | None
) -> Iterator[tuple[np.ndarray, Persons]]:
    """Each frame with its persons, in the pixels of the frame."""
    tracker = PersonTracker(forget_after=round(2 * (video.rate or _RATE)))
    # what an estimator has read, with the scale of what it sees; it may read ahead
    waiting: deque[tuple[np.ndarray, tuple[float, float, int]]] = deque()

    def shrunk(frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        for number, frame in enumerate(frames):
            if number == max_frames:
                return
            small = shrink(frame, size)
            scale = frame.shape[1] / small.shape[1], frame.shape[0] / small.shape[0], 1
            waiting.append((frame, scale))
            yield small

    for found in finder.estimate(shrunk(video.frames)):
        frame, scale = waiting.popleft()
        found = found * scale
        if finder.follows_one_person:
            yield frame, {0: found[0]} if len(found) else {}
        else:
            yield frame, dict(zip(tracker.update(found), found, strict=True))


def _push(recognizer: StreamingRecognizer, people: Persons) -> dict[int, np.ndarray]:
    joints = recognizer.model.layout.num_joints
    stacked = np.array(list(people.values())).reshape(-1, joints, 3)
    return recognizer.push(stacked[..., :2], list(people), stacked[..., 2])


def _draw(
    frame: np.ndarray,
    people: Persons,
    scores: Mapping[int, np.ndarray],
    model: TrainedModel,
    matrix: np.ndarray | None,
) -> np.ndarray:
    labels = {who: int(scores[who].argmax()) for who in people if who in scores}
    captions = [
        f'{model.name_of(labels[who])} {scores[who].max():.0%}' if who in labels else ''
        for who in people
    ]
    weights = [
        matrix[labels[who]] if matrix is not None and who in labels else None for who in people
    ]
    return draw_persons(frame, list(people.values()), model.layout, captions, weights)


def _part_weights(folder: str | Path | None, model: TrainedModel) -> np.ndarray | None:
    """E, (num_classes, 5)."""
    if folder is None:
        return None
    matrix = PartMatrix(str(folder))
    matrix.init_weights()
    matrix.require_classes(model.num_classes)
    weights: np.ndarray = matrix.weights.numpy()
    return weights
