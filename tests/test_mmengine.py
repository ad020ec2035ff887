"""What must hold whichever mmengine is installed: ``make test-onedl`` runs this with a fork."""

import os
import pickle
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import mmengine.runner.checkpoint as mmengine_checkpoint
import pytest
import torch
from mmengine.runner.checkpoint import CheckpointLoader

from partkd.compat import CheckpointError, load_checkpoint_file

ROOT = Path(__file__).resolve().parents[1]


class Payload:
    """An object whose pickle makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.folder),)


def run_tool(name: str, *arguments: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, 'argv', [name, *arguments])
        runpy.run_path(str(ROOT / 'tools' / name), run_name='__main__')


@pytest.fixture(scope='module')
def folder(tmp_path_factory) -> Path:
    """A folder with the demo's data, of two people."""
    folder = tmp_path_factory.mktemp('demo')
    run_tool('data/make_synthetic.py', f'{folder}/data/demo', '--num-subjects=2', '--repeats=1')
    return folder


@pytest.fixture
def train(folder: Path, tmp_path: Path, monkeypatch) -> Callable[..., Path]:
    """Function that trains the demo's plain student and returns the folder of its checkpoints."""
    monkeypatch.chdir(folder)

    def run(epochs: int, name: str = 'run', resume: str | None = None, **options) -> Path:
        settings = {
            'train_cfg.max_epochs': epochs,
            'train_dataloader.batch_size': 8,
            'default_hooks.checkpoint.interval': 1,
            'default_hooks.checkpoint.max_keep_ckpts': -1,
            **options,
        }
        run_tool(
            'train.py',
            str(ROOT / 'configs' / 'partkd' / 'demo_student.py'),
            f'--work-dir={tmp_path / name}',
            '--no-validate',
            *([] if resume is None else [f'--resume={resume}']),
            '--cfg-options',
            *(f'{key}={value}' for key, value in settings.items()),
        )
        return tmp_path / name

    return run


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """The folder that a hostile checkpoint makes if its code runs."""
    return tmp_path / 'trace'


@pytest.fixture
def hostile(tmp_path: Path, trace: Path) -> Path:
    path = tmp_path / 'hostile.pth'
    torch.save(dict(state_dict={}, meta=dict(epoch=1, iter=1), extra=Payload(trace)), path)
    return path


def weights(folder: Path, epoch: int) -> dict:
    return load_checkpoint_file(str(folder / f'epoch_{epoch}.pth'))['state_dict']


def test_a_resumed_training_equals_an_uninterrupted_one(train):
    whole = train(2)
    resumed = weights(train(2, 'resumed', resume=str(whole / 'epoch_1.pth')), 2)
    assert weights(whole, 2).keys() == resumed.keys()
    assert all(torch.equal(value, resumed[name]) for name, value in weights(whole, 2).items())


def test_load_from_starts_from_the_weights(train):
    first = train(1)
    still = {'param_scheduler': '[]', 'optim_wrapper.optimizer.lr': 0.0}
    second = train(1, 'second', load_from=str(first / 'epoch_1.pth'), **still)
    before, after = weights(first, 1), weights(second, 1)
    learnt = [name for name in before if name.endswith('conv.weight')]
    assert learnt
    assert all(torch.equal(before[name], after[name]) for name in learnt)


def test_the_payload_runs_where_nothing_stops_it(hostile, trace):
    torch.load(hostile, weights_only=False)
    assert trace.exists()


@pytest.mark.parametrize('how', ['resume', 'load_from'])
def test_training_refuses_a_hostile_checkpoint(train, hostile, trace, how: str):
    with pytest.raises(SystemExit, match='hostile.pth is refused'):
        train(2, **{how: str(hostile)})
    assert not trace.exists()


def test_a_hostile_checkpoint_from_a_store_is_refused(monkeypatch, hostile, trace):
    store = SimpleNamespace(get=lambda _: hostile.read_bytes())
    monkeypatch.setattr(mmengine_checkpoint, 'get_file_backend', lambda *_, **__: store)
    with pytest.raises((CheckpointError, pickle.UnpicklingError)):
        CheckpointLoader.load_checkpoint('s3://bucket/hostile.pth')
    assert not trace.exists()


def test_a_hostile_file_in_the_folder_of_mmengine_is_refused(monkeypatch, hostile, trace):
    monkeypatch.setattr(
        mmengine_checkpoint, 'get_external_models', lambda: {'hostile': hostile.name}
    )
    monkeypatch.setenv('MMENGINE_HOME', str(hostile.parent))
    with pytest.raises((CheckpointError, pickle.UnpicklingError)):
        CheckpointLoader.load_checkpoint('openmmlab://hostile')
    assert not trace.exists()
