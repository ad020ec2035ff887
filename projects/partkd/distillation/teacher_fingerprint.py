"""What files of a teacher were made from, so that no other teacher's files are used for its own."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from mmengine.config import Config

from partkd.datasets import PairedPoseDataset
from partkd.files import digest, file_digest
from partkd.version import RESULTS_VERSION

from .frozen_teacher import TeacherSource, as_list, require_checkpoints
from .imported_code import imported_code
from .weights_digest import weights_digest


class FingerprintError(ValueError):
    """Files were made from something else than what they are used with."""


def teacher_fingerprint(teacher: TeacherSource, dataset: PairedPoseDataset) -> dict[str, str]:
    """What a teacher's files depend on, by name.

    Args:
        teacher (TeacherSource): Config and weights of the teacher.
        dataset (PairedPoseDataset): The high-quality clips (``.teacher`` of the training set).

    Returns:
        dict[str, str]: What :func:`fingerprint_of_model` has, and digests of the annotation file,
        the split, the pipeline, the layout and the choice of clips.

    Raises:
        FileNotFoundError: If the teacher is not trained yet, with the command that does it.
    """
    return fingerprint_of_model(teacher) | {
        'annotation file': file_digest(dataset.ann_file),
        'split': str(dataset.split),
        'pipeline': digest([dataset.pipeline_cfg, dataset.dtype]),
        'layout': digest(dataclasses.asdict(dataset.layout)),
        'clips': digest(dataset.frame_dirs),
    }


def fingerprint_of_model(teacher: TeacherSource) -> dict[str, str]:
    """The part of :func:`teacher_fingerprint` that is known without any clip.

    Args:
        teacher (Mapping): ``config`` and ``checkpoint`` of the teacher.

    Returns:
        dict[str, str]: Digests of the teacher's model (with the code of modules that its config
        imports beside PartKD) and weights; the version of the results.

    Raises:
        FileNotFoundError: If the teacher is not trained yet, with the command that does it.
    """
    require_checkpoints(teacher['config'], teacher['checkpoint'])
    cfg = Config.fromfile(teacher['config'])
    return {
        'teacher model': digest([cfg.model.to_dict(), imported_code(cfg)]),
        'teacher weights': digest(list(map(weights_digest, as_list(teacher['checkpoint'])))),
        'version of results': str(RESULTS_VERSION),
    }


def check_fingerprint(folder: str | Path, fingerprint: Mapping, used_with: Mapping) -> None:
    """Refuse files that were made from something else.

    Args:
        folder (str | Path): The files.
        fingerprint (Mapping): What they were made from.
        used_with (Mapping): What they are used with; what is not among it does not count.

    Raises:
        FingerprintError: Naming what differs.
    """
    changed = sorted(key for key in used_with if fingerprint.get(key) != used_with[key])
    if changed:
        raise FingerprintError(
            f'{folder} was made from another {", another ".join(changed)} than it is used with: '
            'make it anew with `python tools/build_part_matrix.py CONFIG`'
        )
