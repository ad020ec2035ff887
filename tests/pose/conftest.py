"""Models of mmpose's own configs with random weights, and mmpose's own inference beside ours."""

import sys
import types
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.hub import get_config
from mmengine.registry import MODELS, DefaultScope

from .stick_figures import write_video

FRAMES = 3


@pytest.fixture(scope='session')
def random_weights(tmp_path_factory) -> Callable[..., str]:
    """Makes a checkpoint of a config, whose model has been built and not trained."""
    folder = tmp_path_factory.mktemp('checkpoints')

    def make(config: str, package: str = 'mmpose') -> str:
        file = folder / f'{Path(config).stem}.pth'
        if not file.is_file():
            torch.manual_seed(0)
            read = get_config(config) if '::' in config else Config.fromfile(config)
            with DefaultScope.overwrite_default_scope(package):
                weights = MODELS.build(read.model).state_dict()
            weights.update({name: value / 2 for name, value in weights.items() if value.ndim > 1})
            torch.save(dict(state_dict=weights), file)  # smaller, as random ones end in infinity
        return str(file)

    return make


@pytest.fixture
def frames() -> list[np.ndarray]:
    """Noise, so that nothing is the same twice."""
    generator = np.random.default_rng(0)
    return [generator.integers(0, 255, (90, 120, 3), np.uint8) for _ in range(FRAMES)]


@pytest.fixture
def detector_config(tmp_path) -> str:
    """A small detector that gives three boxes a frame."""
    file = tmp_path / 'detector.py'
    file.write_text(
        "_base_ = 'mmdet::rtmdet/rtmdet_tiny_8xb32-300e_coco.py'\n"
        'model = dict(test_cfg=dict(max_per_img=3, score_thr=0), bbox_head=dict(num_classes=1))\n'
        'train_dataloader = dict(dataset=dict(metainfo=dict(classes=("person",))))\n'
    )
    return str(file)


@pytest.fixture
def drawn_video(tmp_path) -> Path:
    return write_video(tmp_path / 'videos' / 'a.mp4', FRAMES)[0]


@pytest.fixture
def mmpose_apis(monkeypatch):
    """mmpose.apis, which imports one name of torchvision for a drawing that nobody asks for."""
    if 'torchvision' not in sys.modules:
        package, transforms = (
            types.ModuleType(name) for name in ('torchvision', 'torchvision.transforms')
        )
        vars(transforms)['ToPILImage'] = None
        monkeypatch.setitem(sys.modules, 'torchvision', package)
        monkeypatch.setitem(sys.modules, 'torchvision.transforms', transforms)
    return pytest.importorskip('mmpose.apis')
