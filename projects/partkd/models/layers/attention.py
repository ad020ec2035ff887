"""Attention over joints, frames and channels, and learned adjacency, from real frames alone.

The forms are those of AAGCN (Shi et al., arXiv 1912.06971, Sec. 3.3 and 3.2). Each is a function of
the layers that hold its weights, so that a unit can name these as published checkpoints do. A gate
lies in (0, 1) and is applied as ``x + x * gate``, which leaves zeros in padded frames.
"""

from torch import Tensor, nn

from .frame_pooling import mean_over_frames


def spatial_gate(x: Tensor, conv: nn.Conv1d, mask: Tensor | None) -> Tensor:
    """How much each joint matters.

    Args:
        x (Tensor): (P, C, T, V).
        conv (nn.Conv1d): Over the joints, C to 1, as long afterwards as before.
        mask (Tensor, optional): True where a frame is real, (P, T) bool. None where all are.

    Returns:
        Tensor: (P, 1, 1, V).
    """
    return conv(mean_over_frames(x, mask)).sigmoid()[:, :, None]


def temporal_gate(x: Tensor, conv: nn.Conv1d, mask: Tensor | None) -> Tensor:
    """How much each frame matters.

    Args:
        x (Tensor): (P, C, T, V).
        conv (nn.Conv1d): Over the frames, C to 1, as long afterwards as before.
        mask (Tensor, optional): True where a frame is real, (P, T) bool. None where all are.

    Returns:
        Tensor: (P, 1, T, 1).
    """
    frames = x.mean(-1)
    if mask is not None:
        frames = frames * mask[:, None].to(x.dtype)
    return conv(frames).sigmoid()[..., None]


def channel_gate(x: Tensor, squeeze: nn.Module, excite: nn.Module, mask: Tensor | None) -> Tensor:
    """How much each channel matters: squeeze and excitation (Hu et al., arXiv 1709.01507).

    Args:
        x (Tensor): (P, C, T, V).
        squeeze (nn.Module): (P, C) to (P, C / r); a ReLU follows.
        excite (nn.Module): (P, C / r) to (P, C).
        mask (Tensor, optional): True where a frame is real, (P, T) bool. None where all are.

    Returns:
        Tensor: (P, C, 1, 1).
    """
    pooled = mean_over_frames(x, mask).mean(-1)
    return excite(squeeze(pooled).relu()).sigmoid()[..., None, None]


def joint_affinity(query: Tensor, key: Tensor, mask: Tensor | None) -> Tensor:
    """How alike two joints move: the mean over channels and real frames of query times key.

    Args:
        query (Tensor): (P, C, T, V).
        key (Tensor): (P, C, T, V).
        mask (Tensor, optional): True where a frame is real, (P, T) bool. None where all are.

    Returns:
        Tensor: (P, V, V), the queries along the rows.
    """
    channels = query.shape[1]
    frames: int | Tensor = query.shape[2]
    if mask is not None:
        query = query * mask[:, None, :, None].to(query.dtype)
        frames = mask.sum(1)[:, None, None]
    return query.flatten(1, 2).transpose(1, 2) @ key.flatten(1, 2) / (channels * frames)
