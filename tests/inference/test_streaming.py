"""Frame by frame the same as the clip of those frames."""

import re

import numpy as np
import pytest
from mmengine.logging import MMLogger

from partkd.inference import StreamingRecognizer, label_over_time, load_model, write_spans
from partkd.inference.timeline import Span

SHAPE = (480, 640)


@pytest.fixture
def model(student):
    return load_model(student.exported)


def offline(model, keypoint, score) -> np.ndarray:
    clip = dict(
        frame_dir='x',
        keypoint=keypoint[None].astype(np.float32),
        keypoint_score=score[None],
        img_shape=SHAPE,
    )
    return model.classify([model.prepare(clip)])[0]


@pytest.mark.parametrize('window, stride', [(16, 1), (16, 4), (12, 12)])
def test_scores_are_those_of_the_window(model, person, window, stride):
    """Two people who come at different times, one with a gap: each has the scores of a clip."""
    other = person[:, ::-1] + 100
    seen = np.ones((2, 40), bool)
    seen[0, 20:24] = False
    seen[1, :7] = False
    recognizer = StreamingRecognizer(model, window, stride, img_shape=SHAPE)
    for frame in range(40):
        here = [who for who in (0, 1) if seen[who, frame]]
        points = np.stack([person, other])[here, frame]
        found = recognizer.push(points, here)
        for who, first in ((0, 0), (1, 7)):
            stay = frame + 1 - first
            last = stay // stride * stride + first  # when it was last computed
            if last - first < 9:  # the width of its convolutions
                assert who not in found
                continue
            rows = slice(max(first, last - window), last)
            positions = (person, other)[who][rows] * seen[who, rows, None, None]
            score = np.repeat(seen[who, rows, None], 17, axis=1).astype(np.float32)
            np.testing.assert_allclose(found[who], offline(model, positions, score), atol=1e-5)


def test_who_is_gone_is_forgotten(model, person):
    recognizer = StreamingRecognizer(model, 12, 3, forget_after=5, img_shape=SHAPE)
    for frame in range(12):
        assert recognizer.push(person[frame : frame + 1], [7]).keys() == (
            {7} if frame > 7 else set()
        )
    nobody = np.zeros((0, 17, 2))
    kept = [7 in recognizer.push(nobody, []) for _ in range(6)]
    assert kept == [True] * 5 + [False]
    assert 7 not in recognizer.push(person[:1], [7])  # begins anew


def test_memory_and_work_of_a_frame_do_not_grow(model, person):
    recognizer = StreamingRecognizer(model, 10, img_shape=SHAPE)
    classified = []
    compute = model.classify
    model.classify = lambda ready: classified.extend(ready) or compute(ready)
    for frame in range(400):
        recognizer.push(person[frame % 40][None], [0])
    (one,) = recognizer._persons.values()
    assert one.keypoint.shape == (10, 17, 2) and len(classified) == 40


def test_smoothing_keeps_a_share(model, person):
    plain, smooth = (
        StreamingRecognizer(model, 10, 10, smoothing=share, img_shape=SHAPE) for share in (0, 0.75)
    )
    for frame in range(20):
        raw, kept = (one.push(person[frame][None], [0]) for one in (plain, smooth))
        if frame == 9:
            first = raw[0]
            np.testing.assert_array_equal(kept[0], first)
    np.testing.assert_allclose(kept[0], 0.75 * first + 0.25 * raw[0], atol=1e-6)


def test_a_crowd_is_bounded_and_said_once(model, person, monkeypatch):
    recognizer = StreamingRecognizer(model, 10, max_persons=3, img_shape=SHAPE)
    crowd = np.repeat(person[:1], 60, axis=0)
    said = []
    monkeypatch.setattr(MMLogger, 'warning', lambda self, text: said.append(text))
    for _ in range(10):
        found = recognizer.push(crowd, range(60))
    assert found.keys() == {0, 1, 2}
    assert len(said) == 1 and 'more than 3 persons' in said[0]


@pytest.mark.parametrize(
    'points, who, scores, message',
    [
        ([[1.0]], [0], None, 'no numeric array'),
        (np.zeros((1, 25, 2)), [0], None, r'it should be \(1, 17, 2\)'),
        (np.zeros((2, 17, 2)), [0], None, r'it should be \(1, 17, 2\)'),
        (np.zeros((17, 2)), [0], None, r'it should be \(1, 17, 2\)'),
        (np.zeros((2, 17, 2)), [3, 3], None, 'each person needs its own'),
        (np.full((1, 17, 2), np.nan), [0], None, 'NaN or infinite'),
        (np.zeros((1, 17, 2)), [0], np.zeros((1, 16)), r'keypoint_scores has shape \(1, 16\)'),
        (np.zeros((1, 17, 2)), [0], np.full((1, 17), np.inf), 'NaN or infinite'),
    ],
)
def test_a_bad_frame_changes_nothing(model, person, points, who, scores, message):
    recognizer = StreamingRecognizer(model, 10, img_shape=SHAPE)
    recognizer.push(person[:1], [0])
    with pytest.raises(ValueError, match=message):
        recognizer.push(points, who, scores)
    (one,) = recognizer._persons.values()
    assert one.frames == 1


def test_nobody_is_no_class(model):
    recognizer = StreamingRecognizer(model, 10, img_shape=SHAPE)
    for _ in range(30):
        assert recognizer.push(np.zeros((1, 17, 2)), [0]) == {}


def test_a_window_is_as_wide_as_the_kernel(model):
    with pytest.raises(ValueError, match='convolutions over time are 9 frames wide'):
        StreamingRecognizer(model, 8)


def test_a_label_over_time(model, person, tmp_path, monkeypatch):
    """Walks, is gone, walks again: spans are of one label, without the gap."""
    scores = iter([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
    monkeypatch.setattr(model, 'classify', lambda ready: np.array([next(scores)] * len(ready)))
    clip = dict(frame_dir='x', keypoint=person[None].astype(np.float32), img_shape=SHAPE)
    spans = label_over_time(model, clip, window=10)
    assert [(one.first, one.last, one.label) for one in spans] == [
        (9, 28, 0),
        (29, 38, 1),
        (39, 39, 0),
    ]
    assert spans[0].score == pytest.approx(0.85)
    write_spans(spans, tmp_path / 'x.csv', 10.0)
    lines = (tmp_path / 'x.csv').read_text().split()
    assert lines[1].startswith('0,9,28,0.90,2.90,0,') and len(lines) == 4
    assert (tmp_path / 'x.png').stat().st_size > 1000
    write_spans([], tmp_path / 'none.csv', 0.0)
    assert re.fullmatch('person,.*score', (tmp_path / 'none.csv').read_text().strip())


def test_a_gap_ends_a_span(model):
    from partkd.inference import spans_of

    said = {3: [(0, np.array([0.9, 0.1])), (1, np.array([0.9, 0.1])), (5, np.array([0.7, 0.3]))]}
    name = model.name_of(0)
    assert spans_of(said, model) == [Span(3, 0, 1, 0, name, 0.9), Span(3, 5, 5, 0, name, 0.7)]
