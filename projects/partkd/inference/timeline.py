"""What people do over a long clip."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from partkd.files import write_atomically
from partkd.visualization import draw_timeline

from .streaming import StreamingRecognizer
from .trained_model import TrainedModel

COLUMNS = (
    'person',
    'first_frame',
    'last_frame',
    'from_s',
    'to_s',
    'label',
    'class',
    'score',
)
Said = dict[int, list[tuple[int, np.ndarray]]]


@dataclass(frozen=True)
class Span:
    """A stretch of time in which somebody does one thing.

    Args:
        person (int): Who, the number in the clip.
        first (int): Its first frame.
        last (int): Its last frame.
        label (int): What.
        action (str): What that is called.
        score (float): Mean probability.
    """

    person: int
    first: int
    last: int
    label: int
    action: str
    score: float


def label_over_time(
    model: TrainedModel, clip: dict, window: int, stride: int | None = None, **settings: Any
) -> list[Span]:
    """What each person of a clip does over time.

    Args:
        model (TrainedModel): See :func:`load_model`.
        clip (dict): ``keypoint`` (M, T, V, C), and where they are known ``keypoint_score``
            (M, T, V) and ``img_shape``.
        window (int): Frames that a label is of: those up to it.
        stride (int, optional): Frames from one label to the next. Defaults to None, `window`.
        **settings: Of :class:`StreamingRecognizer`.

    Returns:
        list[Span]: By person and time. There is none before the first label of a person.
    """
    model.prepare(clip)  # refuses what is no clip, before anything long
    keypoint, scores = clip['keypoint'], clip.get('keypoint_score')
    if scores is None:
        scores = keypoint.any(axis=-1).astype(np.float32)
    recognizer = StreamingRecognizer(
        model,
        window,
        stride,
        img_shape=clip.get('img_shape'),
        max_persons=len(keypoint),
        **settings,
    )
    said: Said = {}
    for frame in range(keypoint.shape[1]):
        seen = np.flatnonzero((scores[:, frame] > 0).any(axis=-1))
        found = recognizer.push(keypoint[seen, frame], seen.tolist(), scores[seen, frame])
        for person, probabilities in found.items():
            said.setdefault(person, []).append((frame, probabilities))
    return spans_of(said, model)


def spans_of(said: Said, model: TrainedModel) -> list[Span]:
    """Stretches of time with one label.

    Args:
        said (dict[int, list]): Of each person the frames in which there were probabilities
            (num_classes,), and these.
        model (TrainedModel): It names the labels.

    Returns:
        list[Span]: By person and time.
    """
    return [span for person in sorted(said) for span in _spans(person, said[person], model)]


def write_spans(spans: Sequence[Span], file: str | Path, rate: float) -> None:
    """Write what was done when, as a table and as a picture.

    Args:
        spans (Sequence[Span]): The stretches of time.
        file (str | Path): The table to write, ``.csv``; the picture, ``.png``, is beside it.
        rate (float): Frames a second; 0 where it is not known, and time is in frames.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    stretches = []
    for span in spans:
        begin, end = (at / (rate or 1) for at in (span.first, span.last + 1))
        seconds = [f'{begin:.2f}', f'{end:.2f}'] if rate else ['', '']
        where = [span.person, span.first, span.last, *seconds]
        writer.writerow([*where, span.label, span.action, f'{span.score:.4f}'])
        stretches.append((span.person, begin, end, span.action))
    write_atomically(file, text.getvalue().encode())
    draw_timeline(stretches, Path(file).with_suffix('.png'), 'seconds' if rate else 'frame')


def _spans(person: int, said: Sequence[tuple[int, np.ndarray]], model: TrainedModel) -> list[Span]:
    """Frames that follow one another and have one label."""
    frames = np.array([frame for frame, _ in said])
    scores = np.stack([probabilities for _, probabilities in said])
    labels = scores.argmax(axis=1)
    breaks = np.flatnonzero((np.diff(labels) != 0) | (np.diff(frames) != 1)) + 1
    return [
        Span(
            person,
            int(frames[run[0]]),
            int(frames[run[-1]]),
            int(labels[run[0]]),
            model.name_of(int(labels[run[0]])),
            float(scores[run, labels[run[0]]].mean()),
        )
        for run in np.split(np.arange(len(frames)), breaks)
    ]
