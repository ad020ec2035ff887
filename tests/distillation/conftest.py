"""A small pair of data sets, a trained-looking teacher, and what is made of them."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from mmaction.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.device import get_device
from mmengine.model import BaseModule

from partkd.distillation import FrozenTeacher
from partkd.models.losses.reduction import mean_over_processes

SMALL = dict(type='STGCN', base_channels=4, num_stages=3, inflate_stages=[2], down_stages=[3])
NUM_CLASSES = 3


@MODELS.register_module()
class JointDistance(BaseModule):
    """Joints of a pair are drawn together by their place in the graph, as in graph matching."""

    reads = ('joints',)

    def forward(self, student, teacher, labels):
        mine, theirs = teacher.joints_of_pairs(student)
        error = (mine - theirs[:, :, : mine.shape[2]]).square().flatten(1).mean(1)
        return dict(loss_joints=mean_over_processes(error.sum(), torch.tensor(len(error))))


def pipeline(dims: int, prob: float = 0.0) -> list[dict]:
    return [
        dict(type=f'NormalizePose{dims}D'),
        dict(type='JointOcclusion', prob=prob),
        dict(type='SkeletonStreams', streams=['joint'], with_score=dims == 2),
        dict(type='PackSkeletonInputs'),
    ]


def recognizer(layout: str, base_channels: int = 4) -> dict:
    return dict(
        type='SkeletonRecognizer',
        layout=layout,
        backbone=dict(SMALL, base_channels=base_channels),
        neck=dict(num_segments=2, num_steps=3),
        cls_head=dict(type='SkeletonHead', num_classes=NUM_CLASSES, in_channels=2 * base_channels),
    )


@pytest.fixture
def student_cfg() -> dict:
    """Config of a student that goes with the data sets below."""
    return recognizer('coco')


def write_clips(path: Path, joints: int, dims: int, names: list[str]) -> str:
    rng = np.random.default_rng(len(names))
    clips = [
        dict(
            frame_dir=name,
            label=row % NUM_CLASSES,
            total_frames=6 + row % 3,
            keypoint=rng.normal(size=(1 + row % 2, 6 + row % 3, joints, dims)).astype('f4'),
        )
        for row, name in enumerate(names)
    ]
    with open(path, 'wb') as file:
        pickle.dump(dict(split=dict(train=names), annotations=clips), file)
    return str(path)


@pytest.fixture
def dataset_cfg(tmp_path):
    """Config of twelve low-quality clips, of which nine have a pair."""
    names = [f'clip{i:02d}' for i in range(12)]
    return dict(
        type='PairedPoseDataset',
        ann_file=write_clips(tmp_path / 'low.pkl', 17, 2, names),
        layout='coco',
        split='train',
        num_classes=NUM_CLASSES,
        pipeline=pipeline(2),
        teacher=dict(
            ann_file=write_clips(tmp_path / 'high.pkl', 25, 3, names),
            layout='nturgb+d',
            pipeline=pipeline(3),
        ),
        paired_fraction=0.75,
    )


@pytest.fixture
def teacher_cfg(tmp_path):
    """Config of a teacher with weights and batch statistics that are not the initial ones."""
    torch.manual_seed(3)
    model = recognizer('nturgb+d')
    Config(dict(model=model)).dump(tmp_path / 'teacher.py')
    built = MODELS.build(model)
    for tensor in (*built.parameters(), *built.buffers()):
        if tensor.is_floating_point():
            tensor.data.add_(0.1 * torch.randn_like(tensor).abs())
    torch.save(dict(state_dict=built.state_dict()), tmp_path / 'teacher.pth')
    return dict(
        type='FrozenTeacher',
        config=str(tmp_path / 'teacher.py'),
        checkpoint=str(tmp_path / 'teacher.pth'),
    )


@pytest.fixture
def teacher(teacher_cfg) -> FrozenTeacher:
    teacher = MODELS.build(teacher_cfg)
    teacher.init_weights()
    return teacher.to(get_device())


@pytest.fixture
def load_batch(dataset_cfg):
    """A function that gives the clips at some places as a preprocessed batch."""

    def load(model, places, **options):
        dataset = DATASETS.build(dict(dataset_cfg, **options))
        return model.data_preprocessor(pseudo_collate([dataset[i] for i in places]))

    return load


@pytest.fixture
def make_model(teacher_cfg, student_cfg):
    """A function that builds the same distilled student each time."""

    def make():
        torch.manual_seed(0)
        cfg = dict(
            type='KDRecognizer',
            student=student_cfg,
            teacher=teacher_cfg,
            losses=[dict(type='PMSCLoss'), dict(type='KLLoss')],
        )
        model = MODELS.build(cfg)
        model.init_weights()
        return model.train()

    return make


@pytest.fixture
def items(dataset_cfg):
    dataset = DATASETS.build(dict(dataset_cfg, load_teacher=True))
    return [dataset[place] for place in range(12)]
