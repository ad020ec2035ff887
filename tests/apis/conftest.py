"""A recipe small enough to run in seconds: two actions, tiny networks, three epochs."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from partkd import apis
from partkd.datasets import save_annotations
from partkd.layouts import get_layout

CONFIGS = Path(__file__).parent / 'configs'


@pytest.fixture(scope='session', autouse=True)
def unformatted_configs():
    """Formatting dumped configs prettily takes most of the time of a training this small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('mmengine.config.config.FormatCode', lambda text, **kwargs: (text, True))
        yield


@pytest.fixture(scope='session')
def original(tmp_path_factory) -> Path:
    """A folder with the configs, ``high.pkl`` and ``low.pkl``: a limb that swings, seen by two."""
    folder = tmp_path_factory.mktemp('original') / 'configs'
    shutil.copytree(CONFIGS, folder)
    rng = np.random.default_rng(0)
    split = dict(train=[f't{i}' for i in range(12)], val=[f'v{i}' for i in range(6)])
    names = split['train'] + split['val']
    for file, layout, dims in (('high.pkl', 'kinect_v1', 3), ('low.pkl', 'coco', 2)):
        clips = [_clip(name, i % 2, get_layout(layout), dims, rng) for i, name in enumerate(names)]
        save_annotations(clips, split, folder / file)
    return folder


def _clip(name, label, layout, dims, rng):
    """The left arm or the left leg swings; the length differs from clip to clip."""
    frames = int(rng.integers(9, 14))
    pose = np.random.default_rng(layout.num_joints).normal(size=(layout.num_joints, dims))
    swing = np.sin(np.linspace(0, 6, frames) + rng.uniform(0, 3))
    keypoint = np.repeat(pose[None, None], frames, axis=1)
    keypoint[0][:, list(layout.parts[1 + 2 * label])] += swing[:, None, None]
    keypoint = (keypoint + rng.normal(scale=0.3, size=keypoint.shape)).astype(np.float32)
    return dict(frame_dir=name, label=label, total_frames=frames, keypoint=keypoint)


@pytest.fixture
def configs(original, tmp_path) -> Path:
    """A copy of the folder for one test, which may change it."""
    return Path(shutil.copytree(original, tmp_path / 'configs'))


@pytest.fixture(scope='session')
def reference(original, tmp_path_factory) -> SimpleNamespace:
    """The recipe run without a break: its config, work directory and results. Not to be changed."""
    config = original / 'tiny.py'
    work_dir = tmp_path_factory.mktemp('reference') / 'work'
    return SimpleNamespace(config=config, work_dir=work_dir, results=apis.distill(config, work_dir))


@pytest.fixture
def finished(reference, tmp_path) -> SimpleNamespace:
    """A copy of the finished recipe for one test, which may go on from it."""
    work_dir = Path(shutil.copytree(reference.work_dir, tmp_path / 'work'))
    return SimpleNamespace(config=reference.config, work_dir=work_dir, results=reference.results)


@pytest.fixture
def find_step():
    """Function that finds the directory of the one step with this name in a work directory."""

    def find(work_dir: Path, name: str) -> Path:
        (directory,) = work_dir.glob(f'seed_*/{name}-????????')
        return directory

    return find
