"""What distillation costs: distilled training steps beside a plain one."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from mmaction.registry import MODELS
from mmengine.model import BaseModel

from partkd.distillation import FrozenTeacher
from partkd.distillation.arrays import clip_arrays
from partkd.engine.keep_memory_hook import keep_memory
from partkd.layouts import PART_NAMES, get_layout
from partkd.structures import SkeletonFeatures, tensors_of

from .noise_clips import NoiseClips
from .ntu_like import NUM_CLASSES
from .side_by_side import Side, SideBySide, compare
from .training import partkd_config, partkd_model, training
from .untrained import untrained_teacher, write_files

STUDENT, TEACHER = 'coco', 'nturgb+d'
# Sides whose gradients are revised: of one, two and three losses of distillation.
REVISED = KL_ALONE, BOTH, SKD = (
    'feature bank, gradients revised, KL alone',
    'feature bank, gradients revised',
    'feature bank, gradients revised, SKD',
)


def distilled_steps(
    base_channels: int = 64,
    batch_size: int = 16,
    rounds: int = 7,
    threads: int = 1,
    amp: bool = False,
) -> SideBySide:
    """Distilled training steps beside a plain one, of the same student on the same batch.

    Student (COCO-17) and teacher (Kinect, 25 joints) are the paper's nine-block ST-GCN. The losses
    are PMSC with a part matrix and KL; KL alone; and those of SKD, which are KL, features and
    distances of joints, under a teacher of the student's pose graph. The batch holds clips of
    NTU60's median length.

    Args:
        base_channels (int): Width of the first block of both. Defaults to 64.
        batch_size (int): Clips of a step. Defaults to 16.
        rounds (int): How often each side has its turn. Defaults to 7.
        threads (int): Of PyTorch. Defaults to 1.
        amp (bool): Whether all train in bfloat16. Defaults to False.

    Returns:
        SideBySide: Seconds for a clip: plain, and beside it a feature bank, gradients that are
        revised for each of one, two and three losses, and the teacher in the loop.
    """
    sides = [
        Side(
            name,
            training(
                model,
                [data],
                amp,
                wrapper='GradientRevisionOptimWrapper' if name in REVISED else 'OptimWrapper',
            ),
            batch_size,
        )
        for name, (model, data) in models_and_data(base_channels, batch_size).items()
    ]
    keep_memory()  # as in a training: gradients of several losses need more of it than of one
    title = f'Distillation, {"bfloat16" if amp else "float32"}'
    return compare(title, 'clips', sides, rounds, threads)


def models_and_data(base_channels: int, batch_size: int) -> dict[str, tuple[BaseModel, dict]]:
    """The same student under each way to teach it, and its batch, by name of the side."""
    clips = NoiseClips(64 * batch_size)
    batches = clips.batches(batch_size)
    batch = batches[len(batches) // 2]
    inputs = clips.keypoints(batch, get_layout(STUDENT).num_joints)
    seen_by_teacher = clips.keypoints(batch, get_layout(TEACHER).num_joints)
    data = dict(inputs=inputs, data_samples=clips.samples(batch))
    with TemporaryDirectory() as name:
        folder = Path(name)
        teacher = untrained_teacher(folder, partkd_config(base_channels, TEACHER))
        bank = _bank(folder, teacher, clips, batch, seen_by_teacher)
        kl = dict(type='KLLoss')
        losses = [dict(type='PMSCLoss', part_matrix=_part_matrix(folder, teacher)), kl]
        joints = _bank_of_joints(folder / 'joints', base_channels, clips, batch)
        return {
            'plain': (partkd_model(base_channels, STUDENT), data),
            'feature bank': (_distilled(base_channels, bank, losses), data),
            KL_ALONE: (_distilled(base_channels, bank, [kl]), data),
            BOTH: (_distilled(base_channels, bank, losses), data),
            SKD: (_distilled(base_channels, joints, [kl, dict(type='GraphMatchingLoss')]), data),
            'teacher in the loop': (
                _distilled(base_channels, teacher, losses),
                dict(data, teacher_inputs=seen_by_teacher),
            ),
        }


def _distilled(base_channels: int, teacher: dict, losses: list[dict]) -> BaseModel:
    """A distilled student with the weights of the plain one."""
    config = dict(
        type='KDRecognizer',
        student=partkd_config(base_channels, STUDENT),
        teacher=teacher,
        losses=losses,
    )
    model = MODELS.build(config)
    model.init_weights()
    model.student.load_state_dict(partkd_model(base_channels, STUDENT).state_dict())
    return model.train()


def _bank(
    folder: Path, teacher: dict, clips: NoiseClips, batch: Sequence[int], inputs: list
) -> dict:
    """Config of a feature bank of all clips, in which those of the batch are the teacher's own."""
    own = _extracted(teacher, inputs)
    arrays = clip_arrays([str(index) for index in range(len(clips))], clips.labels)
    for name in ('parts', 'pooled', 'logits'):
        rows = getattr(own, name).numpy()
        noise = np.random.default_rng(0).normal(size=(len(clips), *rows.shape[1:]))
        noise[batch] = rows
        arrays[name] = noise.astype(np.float32)
    bank = write_files(folder / 'bank', teacher, arrays)
    return dict(type='FeatureBank', folder=bank, teacher=teacher)


def _bank_of_joints(
    folder: Path, base_channels: int, clips: NoiseClips, batch: Sequence[int]
) -> dict:
    """Config of a feature bank of the clips of the batch alone, for joints are large."""
    folder.mkdir()
    teacher = untrained_teacher(folder, partkd_config(base_channels, STUDENT))
    reads = ('joints', 'logits')
    inputs = clips.keypoints(batch, get_layout(STUDENT).num_joints)
    own = _extracted(dict(teacher, reads=reads), inputs)
    arrays = clip_arrays([str(index) for index in batch], clips.labels[batch])
    arrays |= {name: getattr(own, name).numpy() for name in tensors_of(reads)}
    bank = write_files(folder / 'bank', teacher, arrays)
    return dict(type='FeatureBank', folder=bank, teacher=teacher)


def _extracted(teacher: dict, inputs: list) -> SkeletonFeatures:
    """What a teacher says of some clips."""
    frozen: FrozenTeacher = MODELS.build(teacher)
    frozen.init_weights()
    return frozen.extract(frozen.model.data_preprocessor.collate(inputs))


def _part_matrix(folder: Path, teacher: dict) -> dict:
    importance = np.random.default_rng(0).random((NUM_CLASSES, len(PART_NAMES)), np.float32)
    return dict(
        type='PartMatrix',
        folder=write_files(folder / 'matrix', teacher, dict(importance=importance)),
    )
