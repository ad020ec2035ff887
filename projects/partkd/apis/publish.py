"""Turning a checkpoint of a training into one to share."""

import hashlib
import io
from pathlib import Path

import torch
from mmaction.registry import MODELS
from mmengine.config import Config
from mmengine.registry import DefaultScope

from partkd.configuration import load_config, student_config
from partkd.engine.weights import load_student_weights, student_weights
from partkd.files import require_place, write_atomically
from partkd.structures import load_checkpoint
from partkd.version import __version__

KEPT_META = ('epoch', 'iter', 'mmengine_version', 'dataset_meta')


def publish(config: str | Path | Config, checkpoint: str | Path, out: str | Path) -> Path:
    """Write the student of a distillation as a plain recogniser's checkpoint.

    The file holds the weights and the config of the student alone: no teacher, no adapter, no
    optimizer, no history. A plain recogniser's checkpoint is published too.

    Args:
        config (str | Path | Config): The config that it was trained with.
        checkpoint (str | Path): The checkpoint.
        out (str | Path): Name of the file to write, such as ``student.pth``.

    Returns:
        Path: What was written: ``student-<first 8 digits of the file's SHA-256>.pth``. The same
        weights give the same file.

    Raises:
        FileNotFoundError: If there is no such config or checkpoint.
        ValueError: If the checkpoint's weights are not the model's.
        NonFiniteError: If some of them are infinite or no numbers.
    """
    require_place(out)
    cfg = student_config(load_config(config))
    for key in ('work_dir', 'teacher', 'distill', 'resume', 'load_from'):
        cfg.pop(key, None)
    with DefaultScope.overwrite_default_scope(cfg.get('default_scope', 'mmaction')):
        load_student_weights(MODELS.build(cfg.model), checkpoint)  # refuses another model's
    loaded = load_checkpoint(checkpoint)
    meta = {key: value for key, value in loaded.get('meta', {}).items() if key in KEPT_META}
    meta.update(cfg=cfg.pretty_text, partkd_version=__version__)
    buffer = io.BytesIO()
    torch.save(dict(meta=meta, state_dict=student_weights(loaded['state_dict'])), buffer)
    return _write(buffer.getvalue(), Path(out))


def _write(content: bytes, out: Path) -> Path:
    sha256 = hashlib.sha256(content).hexdigest()
    stem = out.stem if out.suffix == '.pth' else out.name
    final = out.with_name(f'{stem}-{sha256[:8]}.pth')
    write_atomically(final, content)
    return final
