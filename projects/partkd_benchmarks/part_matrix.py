"""What the teacher's files cost: five occlusions in one pass, and the whole build."""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from mmaction.registry import MODELS

from partkd.datasets import PairedPoseDataset
from partkd.distillation import FrozenTeacher, compute_teacher_files
from partkd.distillation.batch_plan import by_length, load_batches, most_frames, plan_passes
from partkd.distillation.part_occlusion import part_harm
from partkd.layouts import PART_NAMES

from .bank_memory import BankMemory, bank_memory
from .ntu_like import NUM_CLASSES, num_frames, write_clips
from .side_by_side import Side, SideBySide, compare
from .training import partkd_config
from .untrained import untrained_teacher


def part_matrix(
    num_clips: int = 24,
    base_channels: int = 64,
    device: str = 'cpu',
    rounds: int = 5,
    threads: int = 1,
    bank_rows: int = 1_000_000,
) -> list[SideBySide | BankMemory]:
    """Time the five occlusions against five plain passes, and the whole build against six.

    Args:
        num_clips (int): Clips of NTU-like sizes. Defaults to 24.
        base_channels (int): Of the teacher, a nine-block ST-GCN. Defaults to 64, the paper's.
        device (str): Of the teacher. Defaults to ``'cpu'``.
        rounds (int): How often each side is timed. Defaults to 5.
        threads (int): Of PyTorch. Defaults to 1.
        bank_rows (int): Clips of the bank whose memory is measured; 0 measures none. Defaults to
            1,000,000.

    Returns:
        list: Two comparisons, and the memory.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        teacher = _teacher(folder, base_channels).to(device)
        dataset = make_dataset(folder / 'high.pkl', num_clips)
        reports = [
            _time_occlusions(teacher, dataset, rounds, threads),
            _time_build(teacher, dataset, folder, rounds, threads),
        ]
    return reports + ([bank_memory(bank_rows)] if bank_rows else [])


def _time_occlusions(
    teacher: FrozenTeacher, dataset: PairedPoseDataset, rounds: int, threads: int
) -> SideBySide:
    batches = _batches(teacher, dataset)
    device = next(teacher.parameters()).device
    filling = torch.zeros((), device=device)
    labels = [
        torch.zeros(len(batch.keypoint), dtype=torch.long, device=device) for batch in batches
    ]

    def plainly() -> None:
        for batch in batches:
            for _ in PART_NAMES:
                teacher.extract(batch)

    def in_one() -> None:
        for batch, truth in zip(batches, labels, strict=True):
            part_harm(teacher, batch, truth, filling)

    num_clips = len(dataset)
    sides = [
        Side('five plain passes', plainly, num_clips),
        Side('five occlusions in one pass', in_one, num_clips),
    ]
    note = f'{num_clips} clips of NTU-like sizes in {len(batches)} batches, the same on both sides.'
    return compare('Part matrix', 'clips', sides, rounds, threads, [note])


def _time_build(
    teacher: FrozenTeacher, dataset: PairedPoseDataset, folder: Path, rounds: int, threads: int
) -> SideBySide:
    batches = _batches(teacher, dataset)

    def plainly() -> None:
        for batch in batches:
            for _ in range(1 + len(PART_NAMES)):
                teacher.extract(batch)

    def files() -> None:
        with TemporaryDirectory(dir=folder) as target:
            compute_teacher_files(teacher, dataset, Path(target, 'files'), part_matrix={})

    sides = [
        Side('six plain passes', plainly, len(dataset)),
        Side(
            'bank and part matrix',
            files,
            len(dataset),
        ),
    ]
    note = 'Plain passes have their batches ready; the files are made from clips on the disk.'
    return compare('Bank and part matrix', 'clips', sides, rounds, threads, [note])


def _batches(teacher: FrozenTeacher, dataset: PairedPoseDataset) -> list:
    """All batches that the files are made in, on the teacher's device."""
    device = next(teacher.parameters()).device
    most = most_frames(device) / len(PART_NAMES)
    batches = plan_passes(dataset, by_length(dataset), 64, most)
    return list(load_batches(dataset, batches, teacher.model.data_preprocessor))


def make_dataset(file: Path, num_clips: int) -> PairedPoseDataset:
    """Clips of NTU RGB+D 60's sizes, 25 joints in 3D, as a teacher's side.

    Args:
        file (Path): The annotation file to write.
        num_clips (int): How many.

    Returns:
        PairedPoseDataset: Of the file.
    """
    write_clips(file, 3, num_frames(num_clips))
    pipeline = [
        dict(type='NormalizePose3D'),
        dict(type='SkeletonStreams', streams=['joint']),
        dict(type='PackSkeletonInputs'),
    ]
    return PairedPoseDataset(
        str(file), pipeline, 'nturgb+d', 'all', num_classes=NUM_CLASSES, test_mode=True
    )


def _teacher(folder: Path, base_channels: int) -> FrozenTeacher:
    """The paper's teacher, untrained."""
    model = partkd_config(base_channels, 'nturgb+d')
    teacher = MODELS.build(untrained_teacher(folder, model))
    teacher.init_weights()
    return teacher
