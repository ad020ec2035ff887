"""Clips of the sizes that NTU RGB+D has, of noise."""

from pathlib import Path

import numpy as np

from partkd.datasets import PairedPoseDataset, save_annotations

NUM_CLASSES = 60


def ntu_like_clips(file: str | Path, num_clips: int, seed: int = 0) -> PairedPoseDataset:
    """Write clips of 30 to 300 frames, 80 in the mean, one in six with two persons.

    Args:
        file (str | Path): The annotation file to write.
        num_clips (int): How many.
        seed (int): Of lengths and noise. Defaults to 0.

    Returns:
        PairedPoseDataset: Of the file, 25 joints in 3D, as a teacher's side.
    """
    rng = np.random.default_rng(seed)
    frames = np.clip(30 + rng.gamma(2, 25, num_clips), 30, 300).astype(int)
    annotations = [
        dict(
            frame_dir=f'clip_{clip:08d}',
            label=int(rng.integers(NUM_CLASSES)),
            total_frames=int(length),
            keypoint=rng.normal(size=(1 + (clip % 6 == 5), length, 25, 3)).astype(np.float32),
        )
        for clip, length in enumerate(frames)
    ]
    save_annotations(annotations, dict(train=[clip['frame_dir'] for clip in annotations]), file)
    pipeline = [
        dict(type='NormalizePose3D'),
        dict(type='SkeletonStreams', streams=['joint']),
        dict(type='PackSkeletonInputs'),
    ]
    return PairedPoseDataset(
        str(file), pipeline, 'nturgb+d', 'train', num_classes=NUM_CLASSES, test_mode=True
    )
