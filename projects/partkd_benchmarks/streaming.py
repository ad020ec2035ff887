"""A window of frames classified at once, and frame by frame."""

import json
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from partkd.inference import StreamingRecognizer, TrainedModel, load_model
from partkd.models import SkeletonRecognizer, to_onnx

from .latency import NUM_CLASSES, ST_GCN, WIDENING, initialised, recommended_student
from .side_by_side import Side, SideBySide, compare

NORMALISED = [dict(type='NormalizePose2D', mode='body')]
PACKED = [dict(type='PackSkeletonInputs')]
STREAMS = dict(type='SkeletonStreams', streams=['joint', 'bone', 'joint_motion'])
JOINTS, SHAPE = 17, (480, 640)


def streaming(
    window: int = 64, stride: int = 8, rounds: int = 9, threads: int = 1, persons: int = 1
) -> SideBySide:
    """Time the frames of a window: as one clip, and pushed one by one.

    Args:
        window (int): Frames. Defaults to 64.
        stride (int): Frames from one computation to the next on the last side of each network;
            that of the other is the window. Defaults to 8.
        rounds (int): How often each side has its turn. Defaults to 9.
        threads (int): Of PyTorch, which only prepares clips here. Defaults to 1.
        persons (int): How many are followed; as a clip, each is one. Defaults to 1.

    Returns:
        SideBySide: Seconds for a frame, of the paper's ST-GCN and of the recommended student, in
        ONNX Runtime.
    """
    sides = []
    for name, model in _models().items():
        walks, scores = _walks(window, persons)
        offline = partial(_at_once, model, walks, scores)
        sides.append(Side(f'{name}, a clip at once', offline, window, calls=10))
        for every in (window, stride):
            pushed = partial(_frame_by_frame, model, walks, scores, every)
            sides.append(Side(f'{name}, frame by frame, stride {every}', pushed, window, calls=10))
    notes = [
        f'COCO-17, {persons} persons, a window of {window} frames; preparation included; random '
        'weights.'
    ]
    return compare('Recognising frame by frame', 'frames', sides, rounds, threads, notes)


def _models() -> dict[str, TrainedModel]:
    head = dict(type='SkeletonHead', num_classes=NUM_CLASSES, in_channels=WIDENING * 64)
    st_gcn = SkeletonRecognizer(ST_GCN | dict(base_channels=64, in_channels=2), head)
    return {
        'ST-GCN': _deployed(initialised(st_gcn), [*NORMALISED, *PACKED]),
        'recommended student': _deployed(recommended_student(), [*NORMALISED, STREAMS, *PACKED]),
    }


def _deployed(recognizer: SkeletonRecognizer, pipeline: list[dict]) -> TrainedModel:
    with TemporaryDirectory() as folder:
        file = Path(folder, 'model.onnx')
        file.write_bytes(to_onnx(recognizer, dict(pipeline=json.dumps(pipeline))))
        return load_model(file)


def _walks(window: int, persons: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions (T, M, V, 2) and scores (T, M, V)."""
    rng = np.random.default_rng(0)
    bodies = rng.uniform(100, 300, (1, persons, JOINTS, 2))
    steps = np.arange(window)[:, None, None, None]
    noise = rng.normal(size=(window, persons, JOINTS, 2))
    walks = (bodies + steps + noise).astype(np.float32)
    return walks, np.ones(walks.shape[:-1], np.float32)


def _at_once(model: TrainedModel, walks: np.ndarray, scores: np.ndarray) -> np.ndarray:
    clips = [
        dict(frame_dir='x', keypoint=walk[None], keypoint_score=score[None], img_shape=SHAPE)
        for walk, score in zip(walks.swapaxes(0, 1), scores.swapaxes(0, 1), strict=True)
    ]
    return model.classify([model.prepare(clip) for clip in clips])


def _frame_by_frame(
    model: TrainedModel, walks: np.ndarray, scores: np.ndarray, stride: int
) -> np.ndarray:
    recognizer = StreamingRecognizer(model, len(walks), stride, img_shape=SHAPE)
    persons = range(walks.shape[1])
    for frame, score in zip(walks, scores, strict=True):
        found = recognizer.push(frame, persons, score)
    return np.stack([found[person] for person in persons])
