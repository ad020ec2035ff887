"""Models of mmpose's own configs, with random weights, give what mmpose's own inference gives."""

import re
import runpy
import shlex
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('mmpose')

import torch
from mmengine.hub import get_config
from mmengine.registry import DefaultScope

from partkd.compat import CheckpointError
from partkd.datasets import load_annotations
from partkd.layouts import PART_NAMES
from partkd.poses import MMPose, open_video

ROOT = Path(__file__).resolve().parents[2]
BODY = 'mmpose::body_2d_keypoint/'
RTMPOSE = f'{BODY}rtmpose/coco/rtmpose-t_8xb256-420e_coco-256x192.py'
RTMO = f'{BODY}rtmo/body7/rtmo-t_8xb32-600e_body7-416x416.py'
GROUPS = f'{BODY}associative_embedding/coco/ae_hrnet-w32_8xb24-300e_coco-512x512.py'
CENTRES = f'{BODY}dekr/coco/dekr_hrnet-w32_8xb10-140e_coco-512x512.py'
HALPE26 = f'{BODY}rtmpose/body8/rtmpose-t_8xb1024-700e_body8-halpe26-256x192.py'
WHOLE_BODY = (
    'mmpose::wholebody_2d_keypoint/rtmpose/ubody/'
    'rtmpose-t_8xb64-270e_coco-ubody-wholebody-256x192.py'
)
HAND = 'mmpose::hand_2d_keypoint/rtmpose/hand5/rtmpose-m_8xb256-210e_hand5-256x256.py'
LIFTER = 'mmpose::body_3d_keypoint/image_pose_lift/h36m/image-pose-lift_tcn_8xb64-200e_h36m.py'


def close(found: list[np.ndarray], theirs: list) -> None:
    """Ours, (n, V, 3) of each frame, beside mmpose's ``pred_instances``."""
    assert len(found) == len(theirs)
    for ours, instances in zip(found, theirs):
        points = torch.as_tensor(instances.keypoints).numpy()
        assert ours.shape == (*points.shape[:2], 3)
        np.testing.assert_allclose(ours[..., :2], points, atol=0.05)
        scores = torch.as_tensor(instances.keypoint_scores).numpy()
        np.testing.assert_allclose(ours[..., 2], scores.clip(0, 1), atol=1e-3)


def opposite(frame: np.ndarray) -> np.ndarray:
    """BGR, which mmpose takes."""
    return np.ascontiguousarray(frame[..., ::-1])


@pytest.fixture
def mmposes_own(random_weights, mmpose_apis):
    """The same model, built by mmpose."""
    return lambda name: mmpose_apis.init_model(get_config(name), random_weights(name), 'cpu')


def test_a_whole_frame_is_a_box(random_weights, mmposes_own, mmpose_apis, frames):
    estimator = MMPose(RTMPOSE, random_weights(RTMPOSE), device='cpu', batch=2)
    assert estimator.layout.name == 'coco'
    model = mmposes_own(RTMPOSE)
    theirs = [mmpose_apis.inference_topdown(model, opposite(frame))[0] for frame in frames]
    close(list(estimator.estimate(frames)), [sample.pred_instances for sample in theirs])


def test_boxes_are_the_detectors(
    random_weights, mmposes_own, mmpose_apis, detector_config, frames, tmp_path
):
    from mmdet.apis import inference_detector, init_detector
    from mmpose.evaluation.functional import nms
    from mmpose.structures import merge_data_samples

    weights = random_weights(detector_config, 'mmdet')
    estimator = MMPose(
        RTMPOSE,
        random_weights(RTMPOSE),
        detector_config,
        weights,
        device='cpu',
        batch=2,
        min_detection=0,
    )
    found = list(estimator.estimate(frames))
    with DefaultScope.overwrite_default_scope('mmdet'):
        detector = init_detector(detector_config, weights, device='cpu')
        detected = [inference_detector(detector, opposite(frame)) for frame in frames]
    model, theirs = mmposes_own(RTMPOSE), []
    for frame, sample in zip(frames, detected):
        instances = sample.pred_instances.numpy()
        boxes = np.column_stack([instances.bboxes, instances.scores])
        boxes = boxes[nms(boxes, 0.3), :4]
        assert len(boxes)
        samples = mmpose_apis.inference_topdown(model, opposite(frame), boxes)
        theirs.append(merge_data_samples(samples).pred_instances)
    close(found, theirs)
    estimator.min_detection = 1
    assert [len(people) for people in estimator.estimate(frames)] == [0] * len(frames)


def test_one_stage_finds_people_itself(random_weights, mmposes_own, mmpose_apis, frames):
    estimator = MMPose(RTMO, random_weights(RTMO), device='cpu', batch=2, min_detection=0)
    found = list(estimator.estimate(frames))
    assert all(len(people) for people in found)
    model = mmposes_own(RTMO)
    with DefaultScope.overwrite_default_scope('mmpose'):
        theirs = [mmpose_apis.inference_bottomup(model, opposite(frame))[0] for frame in frames]
    close(found, [sample.pred_instances for sample in theirs])
    estimator.min_detection = 1
    assert [people.shape for people in estimator.estimate(frames)] == [(0, 17, 3)] * len(frames)


def test_from_the_bottom_up(random_weights, frames):
    estimator = MMPose(GROUPS, random_weights(GROUPS), device='cpu', batch=2)
    found = list(estimator.estimate(frames[:2]))
    assert [people.shape[1:] for people in found] == [(17, 3)] * 2


def test_a_model_of_one_frame_at_a_time(random_weights, frames):
    with pytest.raises(ValueError, match='does not work .*batch_size 1.* set batch=1'):
        MMPose(CENTRES, random_weights(CENTRES), device='cpu')


@pytest.mark.parametrize(
    ('config', 'name', 'joints'), [(HALPE26, 'halpe26', 26), (WHOLE_BODY, 'coco_wholebody', 133)]
)
def test_layouts(config, name, joints, random_weights, frames):
    estimator = MMPose(config, random_weights(config), device='cpu')
    assert estimator.layout.name == name and len(estimator.layout.parts) == len(PART_NAMES)
    (people,) = estimator.estimate(frames[:1])
    assert people.shape == (1, joints, 3) and np.isfinite(people).all()


@pytest.mark.parametrize(
    ('changes', 'said'),
    [
        (dict(config=HAND), 'make no layout .*take a model of whole people'),
        (dict(config=LIFTER), 'PoseLifter, which finds no joints in pictures'),
        (dict(config=RTMO, detector=True), 'finds people itself: give no detector'),
        (dict(checkpoint=LIFTER), 'is not of the config .*it lacks'),
        (dict(checkpoint=HALPE26), 'is not of the config .*shape'),
        (dict(device='cuda:99'), "device='cuda:99' is not here"),
        (dict(device='abacus'), "device='abacus' is not here"),
        (dict(batch=0), 'batch=0'),
    ],
)
def test_what_cannot_be(changes, said, random_weights, detector_config):
    config = changes.pop('config', RTMPOSE)
    given = dict(checkpoint=random_weights(changes.pop('checkpoint', config)), device='cpu')
    if changes.pop('detector', False):
        weights = random_weights(detector_config, 'mmdet')
        given |= dict(detector=detector_config, detector_checkpoint=weights)
    with pytest.raises(ValueError, match=re.compile(said, re.S)):
        MMPose(config, **given | changes)


def test_a_detector_of_no_persons(random_weights, detector_config):
    text = Path(detector_config).read_text().replace('"person",', '"cat", "dog"')
    Path(detector_config).write_text(text.replace('max_per_img=3', 'max_per_img=4'))
    weights = random_weights(detector_config, 'mmdet')
    with pytest.raises(ValueError, match="knows no class person, but \\['cat', 'dog'\\]"):
        MMPose(RTMPOSE, random_weights(RTMPOSE), detector_config, weights, device='cpu')


def test_a_checkpoint_runs_no_code(tmp_path):
    class Evil:
        def __reduce__(self):
            return exec, (f'open({str(tmp_path / "ran")!r}, "w")',)

    torch.save(dict(state_dict={}, meta=Evil()), tmp_path / 'evil.pth')
    with pytest.raises(CheckpointError, match='is refused'):
        MMPose(RTMPOSE, str(tmp_path / 'evil.pth'))
    assert not (tmp_path / 'ran').exists()


@pytest.mark.parametrize('config', [RTMPOSE, RTMO])
@pytest.mark.parametrize('name', ['demo_skeleton.mp4', 'S001C001P001R001A001_rgb.avi'])
def test_real_videos(config, name, real_data, random_weights):
    video = open_video(real_data / 'raw_samples' / 'video' / name, size=256)
    some = [frame for _, frame in zip(range(4), video.frames)]
    estimator = MMPose(config, random_weights(config), device='cpu', min_detection=0)
    found = list(estimator.estimate(some))
    assert len(found) == 4 and all(people.shape[1:] == (17, 3) for people in found)
    assert all(np.isfinite(people).all() for people in found)
    assert all(((people[..., 2] >= 0) & (people[..., 2] <= 1)).all() for people in found)


def test_the_command_of_the_page(
    random_weights, detector_config, drawn_video, tmp_path, monkeypatch, capsys
):
    page = (ROOT / 'docs' / 'videos.md').read_text()
    make, command = re.findall(r'```bash\n(.*?)```', page, re.S)[1].splitlines()
    assert make == 'make pose-env' and command.startswith('.venv-pose/bin/python tools/')
    (tmp_path / 'rtmpose.py').write_text(f'_base_ = {RTMPOSE!r}')
    shutil.copy(random_weights(RTMPOSE), tmp_path / 'rtmpose.pth')
    text = Path(detector_config).read_text()
    (tmp_path / 'rtmdet.py').write_text(text.replace('max_per_img=3', 'max_per_img=1'))
    shutil.copy(random_weights(detector_config, 'mmdet'), tmp_path / 'rtmdet.pth')
    monkeypatch.chdir(tmp_path)
    words = shlex.split(f'{command},min_detection=0')[1:]
    monkeypatch.setattr(sys, 'argv', [*words, '--processes', '1'])
    with pytest.raises(SystemExit, match='^0$'):
        runpy.run_path(str(ROOT / words[0]), run_name='__main__')
    assert "1 clips in layout 'coco'" in capsys.readouterr().out
    (clip,) = load_annotations(tmp_path / 'data/videos/all.pkl')['annotations']
    assert clip['keypoint'].shape[2:] == (17, 2)
