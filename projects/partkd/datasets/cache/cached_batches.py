"""Batches from the cache with no more Python than one clip would take."""

import numpy as np
import torch

from partkd.datasets.annotations import decode_names
from partkd.datasets.pipeline_split import BatchRun
from partkd.datasets.transforms.sampling import first_copies
from partkd.layouts import PoseLayout
from partkd.structures import ClipBatch

from .clip_cache import CachedClips
from .ragged_arrays import RaggedArray


def can_read_batches(clips: CachedClips) -> bool:
    """Whether all clips are (M, T, V, C) with scores (M, T, V), and agree in joints and channels.

    Transforms from elsewhere may leave another form.
    """
    keypoint, score = (clips.arrays.get(key) for key in ('keypoint', 'keypoint_score'))
    if keypoint is None or score is None:
        return False
    one, other = keypoint.shapes, score.shapes
    return (
        one.shape[1] == 4
        and other.shape[1] == 3
        and bool((one[:, 2:] == one[0, 2:]).all())
        and bool((one[:, :3] == other).all())
    )


def read_batch(
    clips: CachedClips,
    rows: np.ndarray,
    layout: PoseLayout,
    test_mode: bool,
    run: BatchRun,
) -> ClipBatch:
    """Reads a padded batch.

    Args:
        clips (CachedClips): Clips for which :func:`can_read_batches` holds.
        rows (np.ndarray): (N,) places.
        layout (PoseLayout): Joints of the clips.
        test_mode (bool): Whether nothing must be random.
        run (BatchRun): Says which frames are needed.

    Returns:
        ClipBatch: The batch, on the CPU, in the dtype of the cache.
    """
    keypoint, score = clips.arrays['keypoint'], clips.arrays['keypoint_score']
    places = clips.rows[rows]
    shapes = keypoint.shapes[places].astype(np.int64)
    persons, lengths, (joints, channels) = shapes[:, 0], shapes[:, 1], shapes[0, 2:].tolist()
    frames = torch.from_numpy(lengths)
    copy_of = None
    if run.sampling is not None:
        index = run.sampling.choose(frames, test_mode)
        copy_of = first_copies(index) if run.ahead else None
        frames, chosen = torch.full_like(frames, run.sampling.clip_len), index.numpy()
    else:
        chosen = np.broadcast_to(np.arange(lengths.max()), (len(rows), lengths.max()))
    # The frames of a person follow one another, the persons of a clip as well.
    person = np.arange(persons.max())
    first = keypoint.starts[places] // (joints * channels)
    wanted = (first[:, None] + person * lengths[:, None])[..., None] + chosen[:, None]
    real = (person < persons[:, None])[..., None] & (chosen < lengths[:, None])[:, None]
    return ClipBatch(
        _read(keypoint, wanted, real, (joints, channels)),
        _read(score, wanted, real, (joints,)),
        torch.from_numpy(persons),
        frames,
        decode_names(clips.names[rows]),
        layout,
        test_mode,
        tuple(clips.constants.get('streams', ())),
        copy_of,
    )


def _read(
    array: RaggedArray, wanted: np.ndarray, real: np.ndarray, shape: tuple[int, ...]
) -> torch.Tensor:
    """Stretches at places (N, M, T) where they are real, else 0: (N, M, T, *shape)."""
    width, looks = int(np.prod(shape)), wanted.shape[0] * wanted.shape[1]
    if real.all():
        values = array.take(wanted, width, looks)
    else:
        values = np.zeros((*wanted.shape, width), array.dtype)
        values[real] = array.take(wanted[real], width, looks)
    return torch.from_numpy(values.reshape(*wanted.shape, *shape))
