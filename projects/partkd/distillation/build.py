"""One pass of the frozen teacher over its training clips: the feature bank and the part matrix."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from mmengine.dataset import pseudo_collate
from mmengine.utils import track_iter_progress
from torch import Tensor
from torch.utils.data import DataLoader

from partkd.datasets import PairedPoseDataset
from partkd.structures import CLIP_FEATURES, SkeletonBatch

from .artefact import teacher_fingerprint
from .feature_bank import save_feature_bank
from .frozen_teacher import FrozenTeacher
from .part_matrix import part_importance, save_part_matrix

FILLS = ('zero', 'mean')
SCORES = ('error_rate', 'cross_entropy')


@torch.no_grad()
def build_teacher_files(
    teacher: FrozenTeacher,
    dataset: PairedPoseDataset,
    bank_file: str | None = None,
    part_matrix_file: str | None = None,
    fill: str = 'zero',
    score: str = 'error_rate',
    batch_size: int = 64,
) -> None:
    """Compute and write what a distillation reads of its teacher.

    Args:
        teacher (FrozenTeacher): Loaded, on the device to compute on.
        dataset (PairedPoseDataset): The training set's high-quality clips, ``.teacher``, whose
            pipeline is deterministic.
        bank_file (str, optional): Where the feature bank goes. Defaults to None, not made.
        part_matrix_file (str, optional): Where the part matrix goes. Defaults to None, not made.
        fill (str): What occluded joints become: ``'zero'`` (the paper) or ``'mean'``, the joint's
            mean over all clips. Defaults to ``'zero'``.
        score (str): What an occlusion costs: ``'error_rate'`` (Eq. 12) or ``'cross_entropy'``,
            its rise over the clean clip's. Defaults to ``'error_rate'``.
        batch_size (int): Clips per forward pass. Defaults to 64.
    """
    if fill not in FILLS or score not in SCORES:
        raise ValueError(f'fill is one of {FILLS}, score one of {SCORES}; got {fill!r}, {score!r}')
    device = next(teacher.parameters()).device
    loader = DataLoader(dataset, batch_size, collate_fn=_collate(teacher, device))
    filling = _filling(loader, fill) if part_matrix_file else None
    frame_dirs, rows = [], []
    for batch, samples in track_iter_progress((loader, len(loader))):
        features = teacher.extract(batch)
        labels = torch.cat([sample.gt_label for sample in samples]).to(device)
        row = {name: getattr(features, name) for name in CLIP_FEATURES} | dict(labels=labels)
        if part_matrix_file:
            row['harm'] = _harm(teacher, batch, features.logits, labels, filling, score)
        frame_dirs += [sample.frame_dir for sample in samples]
        rows.append(row)
    merged = {name: torch.cat([row[name] for row in rows]) for name in rows[0]}
    made_from = teacher_fingerprint(teacher.source, dataset)
    if bank_file:
        save_feature_bank(bank_file, frame_dirs, merged, made_from)
    if part_matrix_file:
        num_classes = merged['logits'].shape[1]
        importance = part_importance(merged['harm'], merged['labels'], num_classes)
        save_part_matrix(part_matrix_file, importance, made_from)


def _harm(
    teacher: FrozenTeacher,
    batch: SkeletonBatch,
    clean: Tensor,
    labels: Tensor,
    filling: Tensor,
    score: str,
) -> Tensor:
    """What occluding each part does to each clip, (N, 5)."""
    harm = []
    present = batch.keypoint.ne(0).any(-1).any(-1)[..., None, None]
    model = teacher.model
    for joints in model.layout.part_joints(model.neck.trunk):
        joints = list(joints)
        keypoint = batch.keypoint.clone()
        keypoint[:, :, :, joints] = torch.where(present, filling[joints], 0.0)
        occluded = SkeletonBatch(keypoint, batch.frame_mask, batch.person_mask)
        logits = teacher.extract(occluded).logits
        if score == 'error_rate':
            harm.append((logits.argmax(1) != labels).float())
        else:
            rise = F.cross_entropy(logits, labels, reduction='none')
            harm.append(rise - F.cross_entropy(clean, labels, reduction='none'))
    return torch.stack(harm, 1)


def _filling(loader: DataLoader, fill: str) -> Tensor:
    """What stands in for an occluded joint, (V, C): zeros, or its mean where it is there."""
    if fill == 'zero':
        return torch.zeros_like(next(iter(loader))[0].keypoint[0, 0, 0])
    total, count = 0.0, 0
    for batch, _ in loader:
        frames = batch.keypoint.flatten(0, 2)
        total = total + frames.sum(0)
        count = count + frames.ne(0).any(-1, keepdim=True).sum(0)
    return total / count.clamp(min=1)


def _collate(teacher: FrozenTeacher, device: torch.device) -> Callable:
    preprocessor = teacher.model.data_preprocessor.to(device)

    def collate(items: list[dict]) -> tuple[SkeletonBatch, list]:
        data = preprocessor(pseudo_collate(items))
        return data['inputs'], data['data_samples']

    return collate
