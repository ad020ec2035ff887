"""Fixtures for all tests."""

import itertools
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from mmengine.config import ConfigDict
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch import Tensor, nn

import partkd  # noqa: F401  (the shims come before any import of mmaction.models)
from partkd import apis
from partkd.datasets import load_annotations, save_annotations
from partkd.layouts import get_layout

torch.backends.cudnn.allow_tf32 = False  # tolerances are those of float32

ROOT = Path(__file__).resolve().parents[1]
RUNS = itertools.count()
# A recipe small enough to run in seconds: two actions, tiny networks, three epochs.
TINY_RECIPE = ROOT / 'tests' / 'tiny_recipe'


@pytest.fixture(scope='session')
def real_data() -> Path:
    """Folder of the public datasets: ``$PARTKD_DATA``, or ``shared/data`` beside the checkout.

    Tests that ask for it are skipped where it does not exist.
    """
    folder = Path(os.environ.get('PARTKD_DATA', ROOT.parent / 'shared' / 'data'))
    if not folder.is_dir():
        pytest.skip(f'no datasets in {folder}: set PARTKD_DATA to their folder')
    return folder


class TinyDataset:
    """Eight points in the plane, two classes, with noise that is drawn anew for each item."""

    metainfo = dict(
        classes=('left', 'right'), weights=np.ones(2, np.float32), nested=ConfigDict(a=1)
    )

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        point = np.array([index - 3.5, 1.0]) + np.random.normal(size=2)
        return torch.tensor(point, dtype=torch.float32), int(index > 3)


class TinyModel(BaseModel):
    """A linear layer, batch normalisation, dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Linear(4, 2)
        )

    def forward(self, inputs: Tensor, labels: Tensor, mode: str = 'tensor'):
        logits = self.layers(inputs)
        if mode == 'loss':
            return dict(loss=nn.functional.cross_entropy(logits, labels))
        return [logits]


class TinyMetric(BaseMetric):
    """A mean as numpy gives it, so that a numpy scalar is among what is saved."""

    def process(self, data_batch, data_samples) -> None:
        self.results += [logits.mean().cpu().numpy() for logits in data_samples]

    def compute_metrics(self, results: list) -> dict:
        return dict(mean=np.mean(results))


@pytest.fixture
def tiny_runner(tmp_path: Path) -> Callable[..., Runner]:
    """Builds runners of a tiny training, all with the same data, model and schedule.

    The returned function takes the number of epochs, the folder below ``tmp_path`` for the
    checkpoints, the workers of the training data, the class, and any argument of ``Runner``.
    """

    def build(
        max_epochs: int = 2,
        name: str = 'run',
        num_workers: int = 0,
        kind: type[Runner] = Runner,
        **options,
    ) -> Runner:
        torch.manual_seed(0)  # the same weights to start from, whatever the seed of the runner
        loader = dict(
            dataset=TinyDataset(),
            sampler=dict(type='DefaultSampler', shuffle=True),
            batch_size=4,
            num_workers=num_workers,
            collate_fn=dict(type='default_collate'),
        )
        arguments = dict(
            model=TinyModel(),
            work_dir=str(tmp_path / name),
            train_dataloader=loader,
            train_cfg=dict(by_epoch=True, max_epochs=max_epochs),
            optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1, momentum=0.9)),
            param_scheduler=[
                dict(type='LinearLR', start_factor=0.1, end=1),
                dict(type='MultiStepLR', milestones=[1, 2]),
            ],
            val_dataloader={**loader, 'sampler': dict(type='DefaultSampler', shuffle=False)},
            val_cfg={},
            val_evaluator=[TinyMetric(prefix='val')],
            default_hooks=dict(
                checkpoint=dict(
                    type='CheckpointHook', interval=1, save_best='val/mean', rule='less'
                )
            ),
            default_scope='mmaction',
            experiment_name=f'{name}_{next(RUNS)}',  # mmengine keeps one logger for each name
            log_level='WARNING',
        )
        return kind(**{**arguments, **options})

    return build


def _process(rank, port, folder, function, args):
    os.environ.update(
        MASTER_ADDR='127.0.0.1', MASTER_PORT=str(port), RANK=str(rank), WORLD_SIZE='2'
    )
    torch.set_num_threads(1)
    dist.init_process_group('gloo')
    try:
        torch.save(function(rank, *args), f'{folder}/{rank}.pth')
    finally:
        dist.destroy_process_group()


@pytest.fixture
def run_two(tmp_path):
    """A function that calls another, with a rank and arguments, in two processes of one group."""

    def run(function, *args):
        torch.set_num_threads(1)  # forked processes must not inherit a pool of threads
        with socket.socket() as sock:
            sock.bind(('127.0.0.1', 0))
            port = sock.getsockname()[1]
        mp.start_processes(
            _process, (port, str(tmp_path), function, args), nprocs=2, start_method='fork'
        )
        return [torch.load(tmp_path / f'{rank}.pth') for rank in range(2)]

    return run


@pytest.fixture(scope='session', autouse=True)
def unformatted_configs():
    """Formatting dumped configs prettily takes most of the time of a training this small."""
    with pytest.MonkeyPatch.context() as patch:
        # the name that mmengine calls, and the one that onedl-mmengine calls
        for place in ('mmengine.config.config', 'yapf.yapflib.yapf_api'):
            patch.setattr(f'{place}.FormatCode', lambda text, **kwargs: (text, True), raising=False)
        yield


@pytest.fixture(scope='session')
def original(tmp_path_factory) -> Path:
    """A folder with the configs, ``high.pkl`` and ``low.pkl``: a limb that swings, seen by two."""
    folder = tmp_path_factory.mktemp('original') / 'configs'
    shutil.copytree(TINY_RECIPE, folder)
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


@pytest.fixture(scope='session')
def student(reference, tmp_path_factory) -> SimpleNamespace:
    """A student of it: ``config``, ``checkpoint``, ``published``, ``exported`` file."""
    folder = tmp_path_factory.mktemp('student')
    (step,) = reference.work_dir.glob('seed_*/op_0_pmsc-????????')
    checkpoint = step / 'epoch_3.pth'
    published = apis.publish(reference.config, checkpoint, folder / 'student.pth')
    exported = apis.export(reference.config, checkpoint, folder / 'student.onnx')
    return SimpleNamespace(
        config=reference.config, checkpoint=checkpoint, published=published, exported=exported
    )


@pytest.fixture(scope='session')
def clips(reference) -> list[dict]:
    """Those that its students are tested on."""
    content = load_annotations(reference.config.parent / 'low.pkl')
    names = set(content['split']['val'])
    return [clip for clip in content['annotations'] if clip['frame_dir'] in names]


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
