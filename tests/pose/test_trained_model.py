"""A model that has learned to see stick figures finds their joints in videos."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('mmpose')

import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import MODELS, DefaultScope

from partkd import apis
from partkd.datasets import load_annotations
from partkd.poses import MMPose
from partkd.poses.openmmlab_model import import_package

from .stick_figures import HEIGHT, WIDTH, draw, random_pose, write_video

CONFIG = str(Path(__file__).with_name('small_model.py'))
STEPS, BATCH = 300, 16
NEAR = 3.0  # pixels


def item(generator: np.random.Generator) -> dict:
    pose = random_pose(generator)
    return dict(
        img=np.ascontiguousarray(draw(pose)[..., ::-1]),
        bbox=np.array([[0, 0, WIDTH, HEIGHT]], np.float32),
        bbox_score=np.ones(1, np.float32),
        keypoints=pose[None],
        keypoints_visible=np.ones((1, len(pose)), np.float32),
    )


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory) -> str:
    """Weights after less than a minute of training, as mmpose trains it."""
    import_package('mmpose')
    torch.manual_seed(0)
    generator = np.random.default_rng(0)
    config = Config.fromfile(CONFIG)
    with DefaultScope.overwrite_default_scope('mmpose'):
        model = MODELS.build(config.model).train()
        pipeline = Compose(config.train_dataloader.dataset.pipeline)
        optimizer = torch.optim.Adam(model.parameters(), 3e-3)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, STEPS)
        for _ in range(STEPS):
            batch = pseudo_collate([pipeline(item(generator)) for _ in range(BATCH)])
            losses = model(**model.data_preprocessor(batch, training=True), mode='loss')
            optimizer.zero_grad()
            losses['loss_kpt'].backward()
            optimizer.step()
            schedule.step()
    file = tmp_path_factory.mktemp('trained') / 'small.pth'
    torch.save(dict(state_dict=model.state_dict()), file)
    return str(file)


def test_joints_are_where_they_were_drawn(checkpoint, tmp_path):
    """In two processes, each with a model of its own."""
    poses = {
        name: write_video(tmp_path / 'videos' / f'{name}.mp4', 8, seed)[1]
        for seed, name in enumerate('ab')
    }
    estimator = dict(type='mmpose', config=CONFIG, checkpoint=checkpoint, device='cpu')
    out = tmp_path / 'out.pkl'
    apis.extract_poses(tmp_path / 'videos', out, dict(one=estimator), processes=2)
    clips = {clip['frame_dir']: clip for clip in load_annotations(out)['annotations']}
    assert set(clips) == set(poses)
    for name, expected in poses.items():
        assert clips[name]['keypoint'].shape == (1, *expected.shape)
        far = np.linalg.norm(clips[name]['keypoint'][0] - expected, axis=-1)
        assert far.mean() < NEAR, far.mean(0)
        assert (clips[name]['keypoint_score'] > 0.3).mean() > 0.9


def test_a_batch_changes_nothing(checkpoint):
    generator = np.random.default_rng(5)
    pictures = [draw(random_pose(generator)) for _ in range(5)]
    one, three = (
        np.stack(list(MMPose(CONFIG, checkpoint, device='cpu', batch=batch).estimate(pictures)))
        for batch in (1, 3)
    )
    assert one.shape == (5, 1, 17, 3)
    np.testing.assert_allclose(one, three, atol=1e-2)
