"""What a distillation reads of its teacher is held against the teacher it has."""

from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from partkd.datasets import PairedPoseDataset, innermost
from partkd.distillation import (
    PartMatrix,
    check_fingerprint,
    matrix_settings,
    recorded_fingerprint,
    teacher_fingerprint,
)
from partkd.models import KDRecognizer


def check_teacher_files(runner: Runner) -> None:
    """Refuse a feature bank or a part matrix of another teacher, split, pipeline or layout, a part
    matrix of other settings than ``distill.part_matrix`` of the config, and a distillation, or a
    recogniser that reads pairs, without any high-quality clip.

    Does nothing where there is neither.

    Args:
        runner (Runner): Before the training.

    Raises:
        FileNotFoundError: If the teacher or a file of it is not made yet; it names the command.
        FingerprintError: Naming the file and what differs.
        ValueError: If the data set has no high-quality side, or is of a kind that does not
            tell its clips.
    """
    model = runner.model.module if is_model_wrapper(runner.model) else runner.model
    dataset = innermost(runner.train_loop.dataloader.dataset)
    if getattr(model, 'reads_pairs', False):
        _require_loaded_pairs(dataset, type(model).__name__)
    if not isinstance(model, KDRecognizer):
        return
    files = [m for m in (model.teacher, *model.losses.modules()) if hasattr(m, 'fingerprint')]
    if not isinstance(dataset, PairedPoseDataset):
        if not files:
            return
        raise ValueError(
            f'the training set is a {type(dataset).__name__}, of which cannot be told whether '
            f'{files[0].folder} is of its clips: use a PairedPoseDataset'
        )
    clips = dataset.require_teacher()
    if not files:
        return
    used_with = teacher_fingerprint(model.teacher.source, clips)
    for file in files:
        settings = {}
        if isinstance(file, PartMatrix) and 'distill' in runner.cfg:
            settings = matrix_settings(runner.cfg.distill.get('part_matrix'))
        made_from = recorded_fingerprint(file.folder, file.what)
        check_fingerprint(file.folder, made_from, used_with | settings)


def _require_loaded_pairs(dataset: object, reader: str) -> None:
    """Of a data set that tells: its batches hold high-quality clips."""
    if not isinstance(dataset, PairedPoseDataset):
        return
    dataset.require_teacher()
    if not dataset.load_teacher:
        raise ValueError(
            f'{reader} learns from the high-quality clips of {dataset.source}, and its batches '
            'come without them: set train_dataloader.dataset.load_teacher=True'
        )
