"""Telling checkpoints by their weights."""

import hashlib
from pathlib import Path

import torch
from mmengine.runner import CheckpointLoader


def weights_digest(checkpoint: str | Path) -> str:
    """A short digest of the weights in a checkpoint; training state beside them does not count.

    Args:
        checkpoint (str | Path): The file.

    Returns:
        str: 16 hexadecimal digits of a SHA-256.
    """
    loaded = CheckpointLoader.load_checkpoint(str(checkpoint), map_location='cpu', logger='silent')
    state_dict = loaded.get('state_dict', loaded)
    sha256 = hashlib.sha256()
    for name, tensor in sorted(state_dict.items()):
        sha256.update(name.encode())
        sha256.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return sha256.hexdigest()[:16]
