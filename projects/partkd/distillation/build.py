"""One pass of the frozen teacher over its training clips: the feature bank and the part matrix."""

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.utils import track_iter_progress
from torch import Tensor

from partkd.datasets import PairedPoseDataset
from partkd.layouts import PART_NAMES
from partkd.structures import SkeletonFeatures, tensors_of

from .artefact import teacher_fingerprint
from .digests import digest
from .feature_bank import save_feature_bank
from .frozen_teacher import FrozenTeacher
from .part_matrix import part_importance, save_part_matrix
from .part_occlusion import joint_means, part_harm
from .passes import by_length, load_batches, most_frames, plan_passes
from .unfinished import UnfinishedRows

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
    given = dict(given or {})
    for key, value in given.items():
        if value not in MATRIX_SETTINGS.get(key, ()):
            raise ValueError(
                f'distill.part_matrix has {key}={value!r}; it takes '
                + ' and '.join(f'{key}, one of {ways}' for key, ways in MATRIX_SETTINGS.items())
            )
    return {key: ways[0] for key, ways in MATRIX_SETTINGS.items()} | given


def build_teacher_files(
    teacher: FrozenTeacher,
    dataset: PairedPoseDataset,
    bank_file: str | None = None,
    part_matrix_file: str | None = None,
    batch_size: int = 64,
    **settings: str,
) -> None:
    """Compute and write what a distillation reads of its teacher.

    At most two forward passes for each batch: of the clips, for the bank, and of their occluded
    copies, for the part matrix. Rows go to the disk as they are computed, into a hidden folder
    beside the file (which needs as much room as the file, until that is written). Interrupted, the
    same call goes on there.

    Args:
        teacher (FrozenTeacher): Loaded, on the device to compute on. The bank holds its ``reads``.
        dataset (PairedPoseDataset): The training set's high-quality clips, ``.teacher``, whose
            pipeline is deterministic.
        bank_file (str, optional): Where the feature bank goes. Defaults to None, not made.
        part_matrix_file (str, optional): Where the part matrix goes. Defaults to None, not made.
        batch_size (int): Most clips in a batch; fewer where they are long, so that a pass of all
            their copies stays below the frames that suit the device. Defaults to 64.
        **settings (str): Of the part matrix, see :func:`matrix_settings`.

    Raises:
        RuntimeError: If another process is making the same file.
        ValueError: If a clip has no label, which the losses that read the bank need as well.
    """
    if (dataset.labels < 0).any():
        place = int(dataset.labels.argmin())
        raise ValueError(
            f'{dataset.source} has clips without a label, such as {dataset.frame_dirs[place]}, of '
            'which no part matrix or feature bank can be made: set require_labels=True to find all'
        )
    settings = matrix_settings(settings)
    made_from = teacher_fingerprint(teacher.source, dataset)
    reads = teacher.reads if bank_file else ()
    plan = dict(
        made=str((tensors_of(reads), bool(part_matrix_file))),
        order=digest(by_length(dataset).tolist()),
    )
    target = Path(bank_file or part_matrix_file)
    folder = target.with_name(f'.{target.name}.unfinished')
    labels = torch.from_numpy(dataset.labels)
    with UnfinishedRows(folder, made_from | settings | plan, len(labels)) as rows:
        filling = _filling(teacher, dataset, settings['fill'], rows) if part_matrix_file else None
        _compute_rows(teacher, dataset, reads, filling, settings['score'], batch_size, rows)
        if bank_file:
            files = {name: rows.file(name) for name in tensors_of(reads)}
            save_feature_bank(bank_file, dataset.frame_dirs, labels, files, made_from)
        if part_matrix_file:
            harm = torch.from_numpy(np.load(rows.file('harm'), allow_pickle=False))
            importance = part_importance(harm, labels, teacher.model.cls_head.num_classes)
            save_part_matrix(part_matrix_file, importance, made_from | settings)
        rows.discard()


def _compute_rows(
    teacher: FrozenTeacher,
    dataset: PairedPoseDataset,
    reads: Collection[str],
    filling: Tensor | None,
    score: str,
    batch_size: int,
    rows: UnfinishedRows,
) -> None:
    """Write the rows that are not there yet: what is read, and harm where there is a filling."""
    device = next(teacher.parameters()).device
    copies = 1 if filling is None else len(PART_NAMES)
    order = by_length(dataset)[rows.done :]
    batches = plan_passes(dataset, order, batch_size, most_frames(device) / copies)
    loader = load_batches(dataset, batches, teacher.model.data_preprocessor)
    labels = torch.from_numpy(dataset.labels).to(device)
    compares_logits = filling is not None and score == 'cross_entropy'
    computed = {*reads, 'logits'} if compares_logits else reads
    for places, batch in zip(batches, track_iter_progress((loader, len(loader))), strict=True):
        features = teacher.extract(batch, computed) if computed else SkeletonFeatures()
        values = {name: getattr(features, name) for name in tensors_of(reads)}
        for name in values.keys() & {'joints', 'person_mask'}:
            values[name] = _pad_persons(values[name], int(dataset.num_persons.max()))
        if filling is not None:
            clean = features.logits if compares_logits else None
            values['harm'] = part_harm(teacher, batch, clean, labels[places], filling, score)
        values = {name: value.cpu().numpy() for name, value in values.items()}
        rows.write(np.array(places), values)


def _pad_persons(values: Tensor, num_persons: int) -> Tensor:
    """(N, M, ...) with at least ``num_persons`` persons, so that all batches have as many."""
    missing = max(num_persons - values.shape[1], 0)
    return F.pad(values, (0, 0) * (values.dim() - 2) + (0, missing))


def _filling(
    teacher: FrozenTeacher, dataset: PairedPoseDataset, fill: str, rows: UnfinishedRows
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
