"""What a file made by a teacher was made from, so that no other teacher's file is used for it."""

import dataclasses
from collections.abc import Mapping

from mmengine.config import Config

from partkd.datasets import PairedPoseDataset
from partkd.files import file_digest

from .digests import digest, weights_digest
from .frozen_teacher import as_list


class FingerprintError(ValueError):
    """A file was made from something else than what it is used with."""


def teacher_fingerprint(teacher: Mapping, dataset: PairedPoseDataset) -> dict[str, str]:
    """What a teacher's file depends on, by name.

    Args:
        teacher (Mapping): ``config`` and ``checkpoint`` of the teacher.
        dataset (PairedPoseDataset): The high-quality clips (``.teacher`` of the training set).

    Returns:
        dict[str, str]: Digests of the teacher's model and weights, the annotation file, the
        split, the pipeline, the layout and the choice of clips.
    """
    return {
        'teacher model': digest(Config.fromfile(teacher['config']).model.to_dict()),
        'teacher weights': _weights(as_list(teacher['checkpoint'])),
        'annotation file': file_digest(dataset.ann_file),
        'split': str(dataset.split),
        'pipeline': digest([dataset.pipeline_cfg, dataset.dtype]),
        'layout': digest(dataclasses.asdict(dataset.layout)),
        'clips': digest(dataset.frame_dirs),
    }


def _weights(checkpoints: list[str]) -> str:
    """What a single one has always been, so that banks of before stay good."""
    digests = [weights_digest(file) for file in checkpoints]
    return digests[0] if len(digests) == 1 else digest(digests)


def check_fingerprint(path: str, made_from: Mapping, used_with: Mapping) -> None:
    """Refuse a file that was made from something else.

    Raises:
        FingerprintError: Naming what differs.
    """
    changed = sorted(key for key in used_with if made_from.get(key) != used_with[key])
    if changed:
        raise FingerprintError(
            f'{path} was made from another {", another ".join(changed)} than it is used with: '
            'make it anew with `python tools/build_part_matrix.py CONFIG`'
        )
