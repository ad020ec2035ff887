"""One pass of the frozen teacher over its training clips: the feature bank and the part matrix."""

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.utils import track_iter_progress
from torch import Tensor

from partkd.arguments import require
from partkd.datasets import PairedPoseDataset
from partkd.files import MadeOnce, digest
from partkd.layouts import PART_NAMES
from partkd.messages import shown
from partkd.structures import SkeletonFeatures, require_finite, tensors_of

from .arrays import array_file, clip_arrays, save_arrays
from .batch_plan import by_length, load_batches, most_frames, plan_passes
from .frozen_teacher import DIVERGED, FrozenTeacher
from .part_matrix import part_importance
from .part_occlusion import joint_means, part_harm
from .resumable_rows import ResumableRows
from .teacher_fingerprint import teacher_fingerprint

# What a part matrix can be made with; the first of each is the paper's.
MATRIX_SETTINGS = dict(fill=('zero', 'mean'), score=('error_rate', 'cross_entropy'))


def matrix_settings(given: Mapping[str, str] | None) -> dict[str, str]:
    """How parts are occluded and scored.

    Args:
        given (Mapping, optional): ``distill.part_matrix`` of a config, with ``fill``, what occluded
            joints become: ``'zero'`` (the paper) or ``'mean'``, the joint's mean over all clips;
            and ``score``, what an occlusion costs: ``'error_rate'`` (Eq. 12) or
            ``'cross_entropy'``, its rise over the clean clip's. None, or what is missing, is the
            paper's.

    Returns:
        dict[str, str]: Both, by name.

    Raises:
        ValueError: If there is no such setting.
    """
    require(given, dict | None, 'distill.part_matrix')
    given = dict(given or {})
    for key, value in given.items():
        if not isinstance(value, str) or value not in MATRIX_SETTINGS.get(key, ()):
            raise ValueError(
                f'distill.part_matrix has {key}={shown(value)}; it takes '
                + ' and '.join(f'{key}, one of {ways}' for key, ways in MATRIX_SETTINGS.items())
            )
    return {key: ways[0] for key, ways in MATRIX_SETTINGS.items()} | given


def compute_teacher_files(
    teacher: FrozenTeacher,
    dataset: PairedPoseDataset,
    folder: str | Path,
    bank: bool = True,
    part_matrix: Mapping[str, str] | None = None,
    batch_size: int = 64,
) -> None:
    """Compute and write what a distillation reads of its teacher, unless it is there.

    At most two forward passes for each batch: of the clips, for the bank, and of their occluded
    copies, for the part matrix. Rows go to the disk as they are computed; interrupted, the same
    call goes on there.

    Args:
        teacher (FrozenTeacher): Loaded, on the device to compute on. The bank holds its ``reads``.
        dataset (PairedPoseDataset): The training set's high-quality clips, ``.teacher``, whose
            pipeline is deterministic.
        folder (str | Path): Where the files go: an ``.npy`` file for each array.
        bank (bool): Whether to make the feature bank. Defaults to True.
        part_matrix (Mapping, optional): Settings of the part matrix, see :func:`matrix_settings`.
            Defaults to None, not made.
        batch_size (int): Most clips in a batch; fewer where they are long, so that a pass of all
            their copies stays below the frames that suit the device. Defaults to 64.

    Raises:
        BusyError: If another process is making the same files.
        ValueError: If a clip has no label, which the losses that read the bank need as well, or one
            of a class that the teacher lacks.
        NonFiniteError: If what the teacher says is infinite or no number.
    """
    _require_labels(dataset)
    dataset.require_classes(teacher.model.cls_head.num_classes)
    reads = teacher.reads if bank else ()
    settings = None if part_matrix is None else matrix_settings(part_matrix)
    made = dict(features=list(tensors_of(reads)), part_matrix=settings is not None)
    order = dict(order=digest(by_length(dataset).tolist()))
    fingerprint = teacher_fingerprint(teacher.source, dataset) | made | order | (settings or {})

    def compute(folder: Path) -> dict:
        with ResumableRows(folder, len(dataset)) as rows:
            _compute_rows(teacher, dataset, reads, settings, batch_size, rows)
        arrays = {}
        if bank:
            arrays.update(clip_arrays(dataset.frame_dirs, dataset.labels))
        if settings is not None:
            harm = torch.from_numpy(np.load(rows.file('harm'), allow_pickle=False))
            num_classes = teacher.model.cls_head.num_classes
            labels = torch.from_numpy(dataset.labels)
            arrays['importance'] = part_importance(harm, labels, num_classes).numpy()
        return dict(outputs=[*save_arrays(folder, arrays), *map(array_file, tensors_of(reads))])

    MadeOnce(folder, fingerprint).make(compute, wait=False)


def _require_labels(dataset: PairedPoseDataset) -> None:
    if (dataset.labels < 0).any():
        place = int(dataset.labels.argmin())
        raise ValueError(
            f'{dataset.source} has clips without a label, such as {dataset.frame_dirs[place]}, of '
            'which no part matrix or feature bank can be made: set require_labels=True to find all'
        )


def _compute_rows(
    teacher: FrozenTeacher,
    dataset: PairedPoseDataset,
    reads: Collection[str],
    settings: Mapping[str, str] | None,
    batch_size: int,
    rows: ResumableRows,
) -> None:
    """Write the rows that are not there yet: what is read, and harm where there is to be a
    matrix of some settings."""
    device = next(teacher.parameters()).device
    copies = 1 if settings is None else len(PART_NAMES)
    order = by_length(dataset)[rows.done :]
    batches = plan_passes(dataset, order, batch_size, most_frames(device) / copies)
    loader = load_batches(dataset, batches, teacher.model.data_preprocessor)
    labels = torch.from_numpy(dataset.labels).to(device)
    filling = None if settings is None else _filling(teacher, dataset, settings['fill'], rows)
    compares_logits = settings is not None and settings['score'] == 'cross_entropy'
    computed = {*reads, 'logits'} if compares_logits else reads
    for places, batch in zip(batches, track_iter_progress((loader, len(loader))), strict=True):
        features = teacher.extract(batch, computed) if computed else SkeletonFeatures()
        values = {name: getattr(features, name) for name in tensors_of(reads)}
        for name in values.keys() & {'joints', 'person_mask'}:
            values[name] = _pad_persons(values[name], int(dataset.num_persons.max()))
        if settings is not None and filling is not None:
            clean = features.logits if compares_logits else None
            values['harm'] = part_harm(teacher, batch, labels[places], filling, clean)
        values = {name: value.cpu() for name, value in values.items()}
        clips = f'{dataset.frame_dirs[places[0]]} and {len(places) - 1} clips of about its length'
        require_finite(values, f'the teacher, on {clips}', DIVERGED)
        rows.write(np.array(places), {name: value.numpy() for name, value in values.items()})


def _pad_persons(values: Tensor, num_persons: int) -> Tensor:
    """(N, M, ...) with at least ``num_persons`` persons, so that all batches have as many."""
    missing = max(num_persons - values.shape[1], 0)
    return F.pad(values, (0, 0) * (values.dim() - 2) + (0, missing))


def _filling(
    teacher: FrozenTeacher, dataset: PairedPoseDataset, fill: str, rows: ResumableRows
) -> Tensor:
    """What stands in for an occluded joint: zero, or (V, C) of a pass over the clips."""
    device = next(teacher.parameters()).device
    if fill == 'zero':
        return torch.zeros((), device=device)

    def means() -> np.ndarray:
        batches = plan_passes(dataset, by_length(dataset), 1, 0)
        loader = load_batches(dataset, batches, teacher.model.data_preprocessor)
        return joint_means(track_iter_progress((loader, len(loader)))).cpu().numpy()

    return torch.from_numpy(rows.once('filling', means)).to(device)
