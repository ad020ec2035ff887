"""Losses go where one option says."""

import importlib.util

import pytest
from mmaction.registry import VISBACKENDS
from mmengine.config import Config
from mmengine.visualization import BaseVisBackend

from partkd import apis
from partkd.configuration import log_backends, log_to_backends


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: name)


def kinds(cfg):
    return [backend['type'] for backend in cfg.visualizer.vis_backends]


def test_backends_are_added_to_those_of_the_config(installed):
    cfg = Config(dict(visualizer=dict(type='V', vis_backends=[dict(type='LocalVisBackend')])))
    for _ in range(2):
        log_to_backends(cfg, ['tensorboard', 'wandb'])
        assert kinds(cfg) == ['LocalVisBackend', 'TensorboardVisBackend', 'WandbVisBackend']


def test_a_config_without_a_visualizer_gets_one(installed):
    cfg = Config({})
    log_to_backends(cfg, [])
    assert 'visualizer' not in cfg
    log_to_backends(cfg, ['wandb'])
    assert kinds(cfg) == ['LocalVisBackend', 'WandbVisBackend']


def test_what_is_not_installed_or_unknown_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(ImportError, match='wandb is not installed: pip install wandb'):
        log_to_backends(Config({}), ['wandb'])
    with pytest.raises(ValueError, match="and not \\['mlflow'\\]"):
        log_to_backends(Config({}), ['mlflow'])


def test_a_training_logs_to_it(configs, tmp_path, monkeypatch):
    seen = {}

    class FakeVisBackend(BaseVisBackend):
        experiment = None

        def _init_env(self):
            pass

        def add_scalars(self, scalar_dict, step=0, file_path=None):
            seen.setdefault(step, set()).update(scalar_dict)

    monkeypatch.setitem(log_backends.BACKENDS, 'fake', ('FakeVisBackend', 'torch'))
    monkeypatch.setitem(VISBACKENDS.module_dict, 'FakeVisBackend', FakeVisBackend)
    apis.train(configs / 'teacher.py', tmp_path / 'work', log_to=['fake'])
    assert {'loss', 'lr'} <= seen[9] and 'acc/top1' in seen[3]  # a step, and an epoch
