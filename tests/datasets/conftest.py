"""Clips, annotation files and pipeline items for the tests of this room."""

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from partkd.datasets import make_item
from partkd.layouts import get_layout


@pytest.fixture
def make_clip() -> Callable[..., dict]:
    """Makes one annotation with coordinates from 1 on, so that every joint is visible."""

    def make(frame_dir='clip', label=0, shape=(1, 4, 17, 2), **fields) -> dict:
        keypoint = np.arange(1, np.prod(shape) + 1, dtype=np.float32).reshape(shape)
        return {
            'frame_dir': frame_dir,
            'label': label,
            'total_frames': shape[1],
            'keypoint': keypoint,
            **fields,
        }

    return make


@pytest.fixture
def write_annotations(tmp_path: Path) -> Callable[..., str]:
    """Writes an annotation pickle and returns its path."""

    def write(clips: list, split: dict | None = None, name: str = 'low.pkl') -> str:
        path = tmp_path / name
        path.write_bytes(pickle.dumps({'split': split or {}, 'annotations': clips}))
        return str(path)

    return write


@pytest.fixture
def make_results() -> Callable[..., dict]:
    """Makes a pipeline item from an array (M, T, V, C)."""

    def make(keypoint, layout='coco', score=None, test_mode=False, **fields) -> dict:
        clip = {'keypoint': np.asarray(keypoint), 'frame_dir': 'clip', 'label': 1, **fields}
        if score is not None:
            clip['keypoint_score'] = np.asarray(score)
        return make_item(clip, get_layout(layout), test_mode)

    return make


@pytest.fixture
def random_results(make_results) -> Callable[..., dict]:
    """Makes an item of random coordinates away from 0, every joint of it visible."""

    def make(layout='coco', persons=2, frames=7, seed=0, **fields) -> dict:
        layout = get_layout(layout)
        channels = fields.pop('channels', layout.dims[0])
        shape = (persons, frames, layout.num_joints, channels)
        keypoint = np.random.default_rng(seed).uniform(1, 2, shape)
        return make_results(keypoint, layout, **fields)

    return make


@pytest.fixture
def generator_state() -> Callable[[], tuple]:
    """Tells the state of the global generators: numpy's key and the place in it, PyTorch's."""

    def state() -> tuple:
        _, key, place, *_ = np.random.get_state()
        return key.tobytes(), place, torch.get_rng_state().numpy().tobytes()

    return state


@pytest.fixture(params=[None, 'float32'], ids=['no cache', 'cache'])
def cache(request, tmp_path: Path) -> dict | None:
    """The argument of a dataset, without a cache and with one."""
    return request.param and {'folder': str(tmp_path / 'cache'), 'dtype': request.param}
