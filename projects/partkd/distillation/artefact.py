"""What a file made by a teacher was made from, so that no other teacher's file is used for it."""

import dataclasses
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config
from mmengine.runner import CheckpointLoader

from partkd.datasets import PairedPoseDataset
from partkd.files import file_digest, write_atomically


class FingerprintError(ValueError):
    """A file was made from something else than what it is used with."""


def digest(value) -> str:
    """A short digest of anything that JSON can hold; other objects count by their class."""
    text = json.dumps(value, sort_keys=True, default=lambda item: type(item).__qualname__)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def weights_digest(checkpoint: str | Path) -> str:
    """A short digest of the weights in a checkpoint; training state beside them does not count."""
    loaded = CheckpointLoader.load_checkpoint(str(checkpoint), map_location='cpu', logger='silent')
    state_dict = loaded.get('state_dict', loaded)
    sha256 = hashlib.sha256()
    for name, tensor in sorted(state_dict.items()):
        sha256.update(name.encode())
        sha256.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return sha256.hexdigest()[:16]


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
        'teacher weights': weights_digest(teacher['checkpoint']),
        'annotation file': file_digest(dataset.ann_file),
        'split': str(dataset.split),
        'pipeline': digest(dataset.pipeline_cfg),
        'layout': digest(dataclasses.asdict(dataset.layout)),
        'clips': digest(dataset.frame_dirs),
    }


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


def save_npz(path: str | Path, arrays: Mapping[str, np.ndarray], made_from: Mapping) -> None:
    """Write arrays and their fingerprint to one file, all or nothing."""
    buffer = io.BytesIO()
    np.savez(buffer, fingerprint=json.dumps(dict(made_from)), **arrays)
    write_atomically(path, buffer.getvalue())


def load_npz(path: str | Path, what: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Read what :func:`save_npz` wrote, without executing anything in it.

    Args:
        path (str | Path): The file.
        what (str): What the file is, for the errors.

    Raises:
        FileNotFoundError: Naming the command that makes the file.
        ValueError: If it is no such file.
    """
    remedy = 'make it with `python tools/build_part_matrix.py CONFIG`, or run the whole chain '
    remedy += 'with `python tools/distill.py CONFIG`'
    if not Path(path).is_file():
        raise FileNotFoundError(f'{what} {path} does not exist: {remedy}')
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return arrays, json.loads(str(arrays.pop('fingerprint')))
    except Exception as error:
        raise ValueError(f'{path} is no {what} ({error}): {remedy}') from error
