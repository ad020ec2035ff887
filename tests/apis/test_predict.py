"""`tools/predict.py` and `tools/demo.py` on what a user has."""

import csv
import json
import runpy
import shlex
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from partkd import apis
from partkd.datasets import load_annotations, save_annotations
from partkd.poses import POSE_ESTIMATORS, PoseEstimator

ROOT = Path(__file__).resolve().parents[2]


class Walker(PoseEstimator):
    """COCO's joints on a bright column, which walks; it reads two frames ahead."""

    layout = 'coco'

    def estimate(self, frames):
        waiting = []
        for frame in frames:
            waiting.append(frame)
            if len(waiting) > 2:
                yield self.found(waiting.pop(0))
        yield from map(self.found, waiting)

    def found(self, frame):
        rows, columns = np.nonzero(frame.mean(-1) > 100)
        if not len(rows):
            return np.empty((0, 17, 3))
        y = np.linspace(rows.min() + 0.5, rows.max() + 0.5, 17)
        x = columns.mean() + 0.5 + np.sin(np.arange(17))
        return np.stack([x, y, np.full(17, 0.9)], axis=1)[None]


def draw(file: Path, frames: int = 30, gone: tuple[int, ...] = ()) -> Path:
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*'mp4v'), 10.0, (128, 96))
    for frame in range(frames):
        picture = np.zeros((96, 128, 3), np.uint8)
        if frame not in gone:
            picture[16:80, 20 + 2 * frame : 28 + 2 * frame] = 255
        writer.write(picture)
    writer.release()
    return file


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path):
    monkeypatch.setitem(POSE_ESTIMATORS.module_dict, 'walker', Walker)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def model(student) -> Path:
    return student.published


def table(file: str) -> list[dict[str, str]]:
    return list(csv.DictReader(Path(file).read_text().splitlines()))


def run(monkeypatch, command: str) -> None:
    monkeypatch.setattr(sys, 'argv', shlex.split(command))
    runpy.run_path(str(ROOT / 'tools' / sys.argv[0]), run_name='__main__')


def test_predict_goes_on_after_what_is_bad(model, reference, monkeypatch, capsys):
    clips = load_annotations(reference.config.parent / 'low.pkl')['annotations'][:3]
    spoilt = dict(clips[1], keypoint=np.full_like(clips[1]['keypoint'], np.nan))
    save_annotations([clips[0], spoilt, clips[2]], {}, 'clips.pkl')
    Path('videos/more').mkdir(parents=True)
    draw(Path('videos/walk.mp4'))
    draw(Path('videos/more/empty.mp4'), gone=tuple(range(30)))
    Path('videos/broken.mp4').write_text('no video')
    command = f'predict.py {model} clips.pkl videos gone.pkl '
    with pytest.raises(SystemExit, match='1'):
        run(monkeypatch, f'{command} --estimator walker --device cpu --out out/p.csv')
    assert '4 recognised, 3 left out' in capsys.readouterr().out
    rows = table('out/p.csv')
    by_name = {row['name']: row for row in rows}
    assert [row['fault'] != '' for row in rows] == [False] * 4 + [True] * 3
    assert by_name['empty']['class'] == 'nobody' and by_name['empty']['label'] == ''
    assert by_name['walk']['label'] in ('0', '1') and 0.5 <= float(by_name['walk']['score']) <= 1
    assert 'NaN' in by_name[clips[1]['frame_dir']]['fault']
    assert 'no frame of it can be read' in by_name['videos/broken.mp4']['fault']
    assert 'there is no gone.pkl' in by_name['gone.pkl']['fault']


def test_predict_over_time(model, monkeypatch):
    draw(Path('walk.mp4'), gone=(0, 1, 2))
    options = '--window 12 --stride 3 --timeline time --pictures pictures --topk 1'
    with pytest.raises(SystemExit, match='0'):
        run(monkeypatch, f'predict.py {model} walk.mp4 --estimator walker --out p.json {options}')
    (one,) = json.loads(Path('p.json').read_text())
    assert one['name'] == 'walk' and len(one['topk']) == 1 and one['fault'] == ''
    first, *_ = table('time/0000_walk.csv')
    assert (first['person'], first['first_frame'], first['from_s']) == ('0', '11', '1.10')
    assert Path('time/0000_walk.png').is_file() and Path('pictures/0000_walk.png').is_file()


def test_kinds_of_files_come_first(model):
    with pytest.raises(ValueError, match=r'end its name in \.csv or \.json'):
        apis.predict(model, ['x.pkl'], 'out.txt')
    with pytest.raises(ValueError, match=r'end its name in \.mp4'):
        apis.demo(model, 'x.mp4', 'out.avi', dict(type='walker'))
    with pytest.raises(FileNotFoundError, match='there is no video gone.mp4'):
        apis.demo(model, 'gone.mp4', 'out.mp4', dict(type='walker'))
    with pytest.raises(ValueError, match='there is no pose estimator'):
        apis.demo(model, draw(Path('walk.mp4')), 'out.mp4', dict(type='nobody'))
    Path('broken.mp4').write_text('no video')
    for source, named in (('broken.mp4', 'broken.mp4'), (97, 'camera 97')):
        with pytest.raises(ValueError, match=f'^{named}: no frame of it can be read'):
            apis.demo(model, source, 'out.mp4', dict(type='walker'))
    with pytest.raises(ValueError, match='9 frames wide'):
        apis.predict(model, ['walk.mp4'], 'p.csv', timeline_folder='time', window=8)
    assert not Path('out.mp4').exists() and not Path('p.csv').exists()


def film(file: str) -> list[np.ndarray]:
    capture = cv2.VideoCapture(file)
    frames = []
    while (read := capture.read())[0]:
        frames.append(read[1])
    return frames


def test_demo_films_skeletons_and_labels(model, monkeypatch, capsys):
    draw(Path('walk.mp4'))
    options = '--estimator walker:size=64 --window 12 --stride 3 --device cpu'
    run(monkeypatch, f'demo.py {model} walk.mp4 film.mp4 {options}')
    frames = film('film.mp4')
    assert len(frames) == 30 and frames[0].shape == (96, 128, 3)
    before = film('walk.mp4')
    changes = [np.abs(a.astype(int) - b).max(axis=(1, 2)) > 60 for a, b in zip(frames, before)]
    assert all(change[16:80].any() for change in changes)  # the skeleton, from the first frame on
    rows = table('film.csv')
    assert rows[0]['first_frame'] == '8' and rows[-1]['last_frame'] == '29'
    assert Path('film.png').is_file()
    assert f'{len(rows)} stretches' in capsys.readouterr().out


def test_demo_keeps_what_it_saw(model, monkeypatch):
    """A camera that fails after some frames leaves the film of these."""
    draw(Path('walk.mp4'))

    class Failing(Walker):
        def found(self, frame):
            self.count = getattr(self, 'count', 0) + 1
            if self.count > 20:
                raise OSError('the camera is gone')
            return super().found(frame)

    monkeypatch.setitem(POSE_ESTIMATORS.module_dict, 'walker', Failing)
    with pytest.raises(OSError, match='the camera is gone'):
        apis.demo(model, 'walk.mp4', 'film.mp4', dict(type='walker'), window=9, stride=3)
    assert len(film('film.mp4')) == 20
    assert table('film.csv')[-1]['last_frame'] == '19'
    monkeypatch.setitem(POSE_ESTIMATORS.module_dict, 'walker', Walker)
    spans = apis.demo(
        model, 'walk.mp4', 'film.mp4', dict(type='walker'), window=9, stride=3, max_frames=15
    )
    assert len(film('film.mp4')) == 15 and spans[-1].last == 14


def test_demo_shows_what_matters(model, reference, monkeypatch):
    """Parts of little weight in the teacher's E are paler."""
    draw(Path('walk.mp4'))
    files = next(reference.work_dir.glob('seed_*/teacher_files-????????')) / 'files'
    one_part = torch.tensor([[0.05, 0.05, 0.05, 0.05, 0.8]] * 2)
    monkeypatch.setattr('partkd.distillation.part_matrix.part_weights', lambda *_: one_part)
    settings = dict(window=9, stride=3)
    apis.demo(model, 'walk.mp4', 'plain.mp4', dict(type='walker'), **settings)
    apis.demo(model, 'walk.mp4', 'parts.mp4', dict(type='walker'), part_matrix=files, **settings)
    plain, parts = film('plain.mp4'), film('parts.mp4')
    differences = [np.abs(a.astype(int) - b).max() for a, b in zip(plain, parts, strict=True)]
    assert max(differences[:8]) < 40 < max(differences[9:])  # from the first label on
