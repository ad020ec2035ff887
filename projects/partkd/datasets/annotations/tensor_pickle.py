"""PyTorch's tensors in a pickle from outside, read as numpy arrays and without running anything.

``pickle.dump`` of a tensor writes its storage as a file of ``torch.save`` inside the pickle, and
reads it by ``torch.storage._load_from_bytes``, which runs what that inner file asks for.
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch


def _storage(raw: bytes) -> torch.TypedStorage:
    """The inner file, of weights alone."""
    storage = torch.load(io.BytesIO(raw), map_location='cpu', weights_only=True)
    if not isinstance(storage, torch.TypedStorage):
        raise ValueError(f'a tensor whose storage is a {type(storage).__name__}')
    return storage


def _tensor(
    storage: torch.TypedStorage, offset: int, size: Sequence[int], stride: Sequence[int], *_: Any
) -> np.ndarray:
    """A tensor's own numbers; PyTorch refuses places beyond the storage."""
    whole = torch.empty(0, dtype=storage.dtype).set_(storage._untyped_storage)
    if np.prod([1, *size], dtype=object) > len(whole):  # by strides of 0 it may have any size
        raise ValueError(f'a tensor of size {tuple(size)} out of {len(whole)} numbers')
    values = whole.as_strided(size, stride, offset)
    return (values.float() if values.dtype == torch.bfloat16 else values).numpy().copy()


def _no_hooks(*_: Any) -> dict:
    return {}


# What a pickled tensor names, for :func:`restricted_load`.
TENSORS = {
    ('torch._utils', '_rebuild_tensor_v2'): _tensor,
    ('torch.storage', '_load_from_bytes'): _storage,
    ('collections', 'OrderedDict'): _no_hooks,
}
