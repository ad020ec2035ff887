from types import SimpleNamespace

import numpy as np
import pytest

from partkd.layouts import get_layout
from partkd.poses import BlazePose, blazepose, open_video


@pytest.fixture
def package(tmp_path, monkeypatch):
    """MediaPipe without anything but its folder and the full model."""
    folder = tmp_path / 'mediapipe'
    (folder / 'modules' / 'pose_landmark').mkdir(parents=True)
    (folder / 'modules' / 'pose_landmark' / 'pose_landmark_full.tflite').write_bytes(b'full')
    module = SimpleNamespace(__file__=str(folder / '__init__.py'), solutions=None)
    monkeypatch.setattr(blazepose, 'import_module', lambda name: module)
    return folder


@pytest.mark.parametrize('there', [None, SimpleNamespace(__file__='')])
def test_without_mediapipe_the_command_is_said(there, monkeypatch):
    def import_module(name):
        if there is None:
            raise ImportError(f'no {name}')
        return there  # version 1 has no solutions

    monkeypatch.setattr(blazepose, 'import_module', import_module)
    with pytest.raises(ImportError, match=r'pip install "partkd\[blazepose\]"'):
        BlazePose()


def test_weights_are_put_where_mediapipe_looks(package, tmp_path):
    BlazePose()
    with pytest.raises(FileNotFoundError, match='no pose_landmark_lite.tflite: download it'):
        BlazePose('lite')
    with pytest.raises(FileNotFoundError, match='no weights lost.tflite'):
        BlazePose('lite', 'lost.tflite')
    (tmp_path / 'lite.tflite').write_bytes(b'lite')
    BlazePose('lite', str(tmp_path / 'lite.tflite'))
    place = package / 'modules' / 'pose_landmark' / 'pose_landmark_lite.tflite'
    assert place.read_bytes() == b'lite'
    BlazePose('lite')
    (tmp_path / 'lite.tflite').write_bytes(b'other')
    with pytest.raises(ValueError, match='holds other weights'):
        BlazePose('lite', str(tmp_path / 'lite.tflite'))


def test_settings_are_checked(package):
    with pytest.raises(ValueError, match="model='huge'"):
        BlazePose('huge')
    with pytest.raises(ValueError, match='min_detection=2'):
        BlazePose(min_detection=2)


def test_people_are_found_on_real_video(real_data):
    pytest.importorskip('mediapipe')
    video = open_video(real_data / 'raw_samples/video/demo_skeleton.mp4')
    frames = [frame for _, frame in zip(range(6), video.frames)]
    people = list(BlazePose().estimate([*frames, np.zeros_like(frames[0])]))
    assert all(one.shape[1:] == (get_layout('blazepose').num_joints, 3) for one in people)
    nose = np.stack([one[0, 0] for one in people[:6] if len(one)])
    assert len(nose) > 3
    assert ((nose[:, :2] > 0) & (nose[:, :2] < (video.width, video.height))).all()
    assert np.ptp(nose[:, :2], axis=0).max() < 0.1 * video.height  # nobody jumps
