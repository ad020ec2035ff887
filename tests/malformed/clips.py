"""Valid clips and data sets, which the inputs spoil."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from partkd.datasets import PairedPoseDataset

PIPELINE = [
    dict(type='NormalizePose2D'),
    dict(type='JointOcclusion', prob=0.0),
    dict(type='SkeletonStreams', streams=['joint']),
    dict(type='PackSkeletonInputs'),
]


def clip(number: int = 0) -> dict:
    """A clip of one person, 6 frames, COCO's 17 joints in 2D."""
    rng = np.random.default_rng(number)
    return dict(
        frame_dir=f'clip{number}',
        label=number % 2,
        total_frames=6,
        keypoint=rng.uniform(1, 300, (1, 6, 17, 2)).astype(np.float32),
        keypoint_score=rng.uniform(0.1, 1, (1, 6, 17)).astype(np.float32),
        img_shape=(240, 320),
    )


def content() -> dict:
    """An annotation file of four clips and two splits."""
    clips = [clip(number) for number in range(4)]
    names = [one['frame_dir'] for one in clips]
    return dict(split=dict(train=names[:2], val=names[2:]), annotations=clips)


def read(file: Path, **settings: Any) -> PairedPoseDataset:
    """Read an annotation file as a training does, the first clip to the end of the pipeline."""
    settings = dict(pipeline=PIPELINE, num_classes=2) | settings
    dataset = PairedPoseDataset(str(file), **settings)
    dataset[0]
    return dataset


def read_bytes(raw: bytes, folder: Path, **settings: Any) -> PairedPoseDataset:
    """The same of the bytes of one."""
    file = folder / 'clips.pkl'
    file.write_bytes(raw)
    return read(file, **settings)


def read_content(given: Any, folder: Path, **settings: Any) -> PairedPoseDataset:
    """The same of its content."""
    return read_bytes(pickle.dumps(given, protocol=4), folder, **settings)
