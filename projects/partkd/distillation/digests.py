"""Digests of what a teacher's file was made from."""

import hashlib
import json
from pathlib import Path

import torch
from mmengine.runner import CheckpointLoader


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
